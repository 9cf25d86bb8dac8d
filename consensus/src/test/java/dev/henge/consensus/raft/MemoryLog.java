package dev.henge.consensus.raft;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/// A log store for tests: shows what was handed over, and loses in a crash what is not durable.
@NullUnmarked // a crashed replica has no core
final class MemoryLog implements LogView {
  private record Write(long number, @Nullable HardState hardState, List<Entry> entries) {}

  private SnapshotMark mark;
  private HardState hardState = HardState.EMPTY;
  private final TreeMap<Long, Entry> shown = new TreeMap<>();
  private final TreeMap<Long, Entry> durable = new TreeMap<>();
  private final ArrayDeque<Write> writes = new ArrayDeque<>();

  /// Only this many entries at the end are in memory.
  private final int memoryCount;

  MemoryLog(Configuration configuration, int memoryCount) {
    mark = new SnapshotMark(0, 0, configuration);
    this.memoryCount = memoryCount;
  }

  @Override
  public SnapshotMark mark() {
    return mark;
  }

  @Override
  public long lastIndex() {
    return shown.isEmpty() ? mark.index() : shown.lastKey();
  }

  @Override
  public long term(long index) {
    if (index == mark.index()) {
      return mark.term();
    }
    Entry entry = shown.get(index);
    if (entry == null) {
      throw new IllegalStateException("no entry " + index + " in " + shown.keySet());
    }
    return entry.term();
  }

  @Override
  public List<Entry> entries(long from, long to, long bytesMax) {
    return from <= lastIndex() - memoryCount ? List.of() : load(from, to, bytesMax);
  }

  List<Entry> load(long from, long to, long bytesMax) {
    var entries = new ArrayList<Entry>();
    long bytes = 0;
    for (Entry entry : shown.subMap(from, true, to, true).values()) {
      bytes += entry.sizeBytes();
      if (!entries.isEmpty() && bytes > bytesMax) {
        break;
      }
      entries.add(entry);
    }
    return entries;
  }

  Entry entry(long index) {
    return shown.get(index);
  }

  void handOver(Ready ready) {
    put(shown, ready.entries());
    writes.add(new Write(ready.writeNumber(), ready.hardState(), ready.entries()));
  }

  private static void put(TreeMap<Long, Entry> log, List<Entry> entries) {
    if (!entries.isEmpty()) {
      log.tailMap(entries.getFirst().index(), true).clear();
      entries.forEach(entry -> log.put(entry.index(), entry));
    }
  }

  boolean hasWrites() {
    return !writes.isEmpty();
  }

  /// The oldest write becomes durable.
  ///
  /// @return its number
  long sync() {
    Write write = writes.removeFirst();
    if (write.hardState() != null) {
      hardState = write.hardState();
    }
    put(durable, write.entries());
    durable.headMap(mark.index(), true).clear();
    return write.number();
  }

  void crash() {
    writes.clear();
    shown.clear();
    shown.putAll(durable);
  }

  /// Loses durable entries from the end.
  void damage(int count) {
    for (int i = 0; i < count && !durable.isEmpty(); i++) {
      durable.pollLastEntry();
    }
    crash();
  }

  void compact(SnapshotMark to) {
    mark = to;
    shown.headMap(to.index(), true).clear();
    durable.headMap(to.index(), true).clear();
  }

  /// As the runtime does when an image is installed.
  void begin(SnapshotMark at) {
    while (hasWrites()) {
      sync();
    }
    if (!(at.index() <= lastIndex()
        && at.index() >= mark.index()
        && term(at.index()) == at.term())) {
      shown.clear();
      durable.clear();
    }
    compact(at);
  }

  HardState hardState() {
    return hardState;
  }

  TreeMap<Long, Configuration> configurations() {
    var found = new TreeMap<Long, Configuration>();
    shown.forEach((index, entry) -> {
      if (entry.kind() == Entry.Kind.CONFIGURATION) {
        try {
          found.put(index, Configuration.decode(entry.bytes()));
        } catch (dev.henge.base.FormatException e) {
          throw new AssertionError(e);
        }
      }
    });
    return found;
  }
}
