package dev.henge.consensus.log;

import dev.henge.base.Invariant;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.HardState;
import dev.henge.consensus.raft.LogView;
import dev.henge.consensus.raft.SnapshotMark;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The log of one group, in the shared files of a [LogStore].
///
/// It shows what was handed to it at once; listeners hear when that is durable. The last entries
/// are in memory as far as the store's bound allows, and always until they are written; older ones
/// are brought by [#load].
///
/// - Invariants: (1) entries follow each other without a hole from `mark().index() + 1` to
///   `lastIndex()`; (2) what is not in memory is written, at the place that [WrittenLog] knows.
/// - Threads: any, nothing blocks; requests of one group take effect in the order of the calls.
/// - Lifetime: until [#remove] or the end of the store.
public final class GroupLog implements LogView {
  private final long id;
  private final LogStore store;
  private final TailMemory memory;

  // guarded by this: what was handed in
  private HardState hardState;
  private SnapshotMark mark;
  private long lastIndex;
  private final TermRuns terms;
  private final EntryTail tail;
  private final TreeMap<Long, Entry> configurations;
  private int epoch;
  private boolean recovering;
  private int unwrittenCount;
  private long unwrittenFrom = Long.MAX_VALUE;

  /// What is in the files; guarded by this, changed by the log thread only.
  final WrittenLog written;

  /// Owned by the log thread: what the round under way is to write for this group.
  final List<Request> round = new ArrayList<>();

  /// Owned by the log thread.
  boolean removed;

  /// Of a group founded now.
  GroupLog(LogStore store, long id, SnapshotMark mark, boolean recovering) {
    this(store, id, new WrittenLog(HardState.EMPTY, mark), new TermRuns(), new TreeMap<>());
    this.recovering = recovering;
  }

  /// Of a group found in the files.
  GroupLog(
      LogStore store,
      long id,
      WrittenLog written,
      TermRuns terms,
      TreeMap<Long, Entry> configurations) {
    this.store = store;
    this.memory = store.memory();
    this.id = id;
    this.written = written;
    this.terms = terms;
    this.configurations = configurations;
    this.hardState = written.hardState;
    this.mark = written.mark;
    this.lastIndex = written.lastIndex;
    this.recovering = written.recovering;
    this.tail = new EntryTail(lastIndex + 1);
  }

  public long id() {
    return id;
  }

  /// Term, vote and commit index as last handed in; after opening, as found.
  public synchronized HardState hardState() {
    return hardState;
  }

  @Override
  public synchronized SnapshotMark mark() {
    return mark;
  }

  /// Index of the first entry; `lastIndex() + 1` when there is none.
  public synchronized long firstIndex() {
    return mark.index() + 1;
  }

  @Override
  public synchronized long lastIndex() {
    return lastIndex;
  }

  @Override
  public synchronized long term(long index) {
    Invariant.check(index >= mark.index() && index <= lastIndex, "a term outside the log");
    return index == mark.index() ? mark.term() : terms.term(index);
  }

  @Override
  public synchronized List<Entry> entries(long from, long to, long bytesMax) {
    Invariant.check(from > mark.index() && to <= lastIndex, "entries outside the log");
    return from < tail.firstIndex() || from > to ? List.of() : tail.entries(from, to, bytesMax);
  }

  /// The entries that hold configurations, by index: always in memory, because a core begins with
  /// them.
  public synchronized SortedMap<Long, Entry> configurations() {
    return new TreeMap<>(configurations);
  }

  /// Whether damage on the disk, or the removal of an earlier replica, may have cost this group
  /// entries or a vote, and it has not [#recovered] since: its replica must grant no vote. Kept
  /// over restarts.
  public synchronized boolean recovering() {
    return recovering;
  }

  /// Ends [#recovering]: the replica holds what the group has committed.
  public void recovered() {
    synchronized (this) {
      if (!recovering) {
        return;
      }
      recovering = false;
      begin();
    }
    store.wake();
  }

  /// Appends, and remembers the hard state, as one write.
  ///
  /// A hard state that differs in its commit index only is a hint: it is told to be durable without
  /// a sync, and travels with the next write.
  ///
  /// @param hardState null when unchanged
  /// @param entries that follow each other; owned by the log from now on. Where the first one's
  ///   index is at or below [#lastIndex], the log is first cut there. May be empty.
  /// @param durability when `listener` is told
  public void append(
      @Nullable HardState hardState,
      List<Entry> entries,
      Durability durability,
      LogListener listener) {
    synchronized (this) {
      long bytes = 0;
      long previousTerm = 0;
      if (!entries.isEmpty()) {
        long first = entries.getFirst().index();
        unwrittenFrom = Math.min(unwrittenFrom, first);
        Invariant.check(first > mark.index() && first <= lastIndex + 1, "an append leaves no hole");
        previousTerm = term(first - 1);
        if (first <= lastIndex) {
          epoch++;
          terms.cutFrom(first);
          configurations.tailMap(first, true).clear();
          memory.shrunk(tail.cutFrom(first));
          lastIndex = first - 1;
        }
        for (Entry entry : entries) {
          Invariant.check(entry.index() == lastIndex + 1, "entries follow each other");
          terms.append(entry.index(), entry.term());
          tail.add(entry);
          if (entry.kind() == Entry.Kind.CONFIGURATION) {
            configurations.put(entry.index(), entry);
          }
          lastIndex++;
          bytes += entry.sizeBytes();
        }
        memory.grown(bytes);
      }
      unwrittenCount++;
      boolean synced = durability == Durability.SYNCED && !entries.isEmpty();
      if (hardState != null) {
        synced |=
            hardState.term() != this.hardState.term() || hardState.vote() != this.hardState.vote();
        this.hardState = hardState;
      }
      store.enqueue(
          new Request.Append(
              this, hardState, entries, previousTerm, epoch, synced, bytes, listener));
    }
    store.wake();
  }

  /// Brings entries from the disk (or memory) on a reader thread.
  ///
  /// @param to last index wanted
  /// @param bytesMax where their sizes pass it the answer is cut, but has at least one entry
  public void load(long from, long to, long bytesMax, LoadListener listener) {
    store.load(this, from, to, bytesMax, listener);
  }

  /// Forgets the entries up to `newMark`, which the state machine holds durably. A mark at or below
  /// the present one has no effect.
  public void compact(SnapshotMark newMark) {
    synchronized (this) {
      if (newMark.index() <= mark.index()) {
        return;
      }
      Invariant.check(newMark.index() <= lastIndex, "a log is compacted within itself");
      mark = newMark;
      memory.shrunk(tail.dropThrough(newMark.index()));
      terms.dropThrough(newMark.index());
      configurations.headMap(newMark.index(), true).clear();
      begin();
    }
    store.wake();
  }

  /// Forgets every entry: the log begins anew behind an installed snapshot.
  public void reset(SnapshotMark newMark, LogListener listener) {
    synchronized (this) {
      epoch++;
      mark = newMark;
      lastIndex = newMark.index();
      terms.clear();
      configurations.clear();
      memory.shrunk(tail.cutFrom(0));
      tail.cutFrom(lastIndex + 1);
      unwrittenCount++;
      unwrittenFrom = 0;
      store.enqueue(new Request.Reset(this, newMark, listener));
    }
    store.wake();
  }

  /// Removes the group's log, hard state and all. Requests behind it fail.
  public void remove(LogListener listener) {
    store.remove(this, listener);
  }

  /// The mark goes on while the disk is full, unless entries that it passes are not written yet:
  /// then it keeps its place behind them.
  private void begin() {
    var request = new Request.Begin(this, mark, recovering, LogListener.NONE);
    if (mark.index() < unwrittenFrom) {
      store.enqueueControl(request);
    } else {
      store.enqueue(request);
    }
  }

  /// An append or a reset is written.
  synchronized void written() {
    if (--unwrittenCount == 0) {
      unwrittenFrom = Long.MAX_VALUE;
    }
  }

  /// Everything of the group has left memory for good.
  synchronized void forget() {
    memory.shrunk(tail.cutFrom(0));
    tail.cutFrom(lastIndex + 1);
  }

  /// Written entries up to `index` may leave memory, unless the log was cut since they were handed
  /// in.
  synchronized void evict(long index, int atEpoch) {
    if (epoch == atEpoch) {
      memory.shrunk(tail.dropThrough(index));
    }
  }

  /// Where the entries from `from` on are: none when the first is in memory or not in the log.
  synchronized List<WrittenLog.Place> placesToLoad(long from, long to, long bytesMax) {
    long last = Math.min(to, tail.firstIndex() - 1);
    return from <= mark.index() || from > last ? List.of() : written.places(from, last, bytesMax);
  }

  /// What memory has of the range; empty when the first is not there.
  synchronized List<Entry> inMemory(long from, long to, long bytesMax) {
    long last = Math.min(to, lastIndex);
    return from <= mark.index() || from > last || from < tail.firstIndex()
        ? List.of()
        : tail.entries(from, last, bytesMax);
  }
}
