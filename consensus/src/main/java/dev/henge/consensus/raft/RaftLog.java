package dev.henge.consensus.raft;

import dev.henge.base.Invariant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// The log as the core sees it: what the log store shows, with what the next [Ready] will hand over
/// laid over it, and how much of it is durable.
///
/// - Invariants: (1) `waiting` is contiguous and, when not empty, ends the log; (2) `durable` never
///   lies behind a place where the log was cut after it was written.
final class RaftLog {
  private final LogView stored;
  private List<Entry> waiting = new ArrayList<>();
  private final ArrayDeque<Write> writes = new ArrayDeque<>();
  private long durable;

  /// A write under way; `last` falls when the log is cut meanwhile.
  private static final class Write {
    final long number;
    long last;

    Write(long number, long last) {
      this.number = number;
      this.last = last;
    }
  }

  RaftLog(LogView stored) {
    this.stored = stored;
    durable = stored.lastIndex();
  }

  SnapshotMark mark() {
    return stored.mark();
  }

  long lastIndex() {
    return waiting.isEmpty() ? stored.lastIndex() : waiting.getLast().index();
  }

  /// Everything up to here is durable.
  long durable() {
    return Math.max(durable, stored.mark().index());
  }

  /// From `mark().index()` to [#lastIndex].
  long term(long index) {
    return index >= firstWaiting()
        ? waiting.get((int) (index - firstWaiting())).term()
        : stored.term(index);
  }

  /// Whether the entry at `index` is here and has `term`: then all before it are the same too.
  boolean holds(long index, long term) {
    return index >= mark().index() && index <= lastIndex() && term(index) == term;
  }

  /// The highest index up to `index` whose term is at most `term`; the mark's when there is none.
  long lastOfTerm(long index, long term) {
    long low = mark().index();
    long high = Math.min(index, lastIndex());
    while (low < high) {
      long middle = low + (high - low + 1) / 2;
      if (term(middle) <= term) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /// As [LogView#entries].
  List<Entry> entries(long from, long to, long bytesMax) {
    List<Entry> entries = new ArrayList<>();
    long bytes = 0;
    long next = from;
    if (next < firstWaiting()) {
      entries.addAll(stored.entries(next, Math.min(to, firstWaiting() - 1), bytesMax));
      if (entries.isEmpty()) {
        return entries;
      }
      for (Entry entry : entries) {
        bytes += entry.sizeBytes();
      }
      next = entries.getLast().index() + 1;
      if (next < firstWaiting()) {
        return entries;
      }
    }
    for (; next <= to; next++) {
      Entry entry = waiting.get((int) (next - firstWaiting()));
      bytes += entry.sizeBytes();
      if (!entries.isEmpty() && bytes > bytesMax) {
        break;
      }
      entries.add(entry);
    }
    return entries;
  }

  /// Appends behind the last entry, or cuts the log at the first one's index and appends there.
  void append(List<Entry> entries) {
    long first = entries.getFirst().index();
    long end = lastIndex() + 1;
    Invariant.check(first > mark().index() && first <= end, "the log has no hole");
    if (first < end) {
      cut(first);
    }
    waiting.addAll(entries);
  }

  private void cut(long first) {
    if (first > firstWaiting()) {
      waiting.subList((int) (first - firstWaiting()), waiting.size()).clear();
    } else {
      waiting.clear();
    }
    durable = Math.min(durable, first - 1);
    writes.forEach(write -> write.last = Math.min(write.last, first - 1));
  }

  boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  /// Gives what waits to the write `number`.
  List<Entry> handOver(long number) {
    List<Entry> entries = waiting;
    writes.add(new Write(number, lastIndex()));
    waiting = new ArrayList<>();
    return entries;
  }

  void persisted(long number) {
    while (!writes.isEmpty() && writes.getFirst().number <= number) {
      durable = Math.max(durable, writes.removeFirst().last);
    }
  }

  /// The log store begins at `mark` now.
  void installed(SnapshotMark mark) {
    Invariant.check(waiting.isEmpty(), "no entry waits while an image is installed");
    Invariant.check(stored.mark().index() >= mark.index(), "the log begins at the image's mark");
    durable = Math.min(Math.max(durable, mark.index()), stored.lastIndex());
    writes.forEach(write -> write.last = Math.min(write.last, stored.lastIndex()));
  }

  private long firstWaiting() {
    return waiting.isEmpty() ? Long.MAX_VALUE : waiting.getFirst().index();
  }
}
