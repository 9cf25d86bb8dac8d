package dev.henge.consensus.log;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;

/// Keeps the entries in memory, of all groups together, within a bound: what was written first goes
/// first.
///
/// - Threads: [#grown] and [#shrunk] from any, the rest is the log thread's.
final class TailMemory {
  /// Places of written appends kept to free memory in their order; above it the oldest goes.
  private static final int WRITTEN_MAX = 1 << 16;

  private final long bytesMax;
  private final AtomicLong bytes = new AtomicLong();
  private final ArrayDeque<Written> written = new ArrayDeque<>();

  private record Written(GroupLog group, long lastIndex, int epoch) {}

  TailMemory(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  long bytes() {
    return bytes.get();
  }

  void grown(long count) {
    bytes.addAndGet(count);
  }

  void shrunk(long count) {
    bytes.addAndGet(-count);
  }

  /// The entries of `append` are in the files.
  void written(Request.Append append) {
    if (append.group().removed) {
      append.group().forget();
    } else if (!append.entries().isEmpty()) {
      long last = append.entries().getLast().index();
      written.add(new Written(append.group(), last, append.epoch()));
    }
  }

  /// Lets go of what is above the bound.
  void trim() {
    while (!written.isEmpty()) {
      Written first = written.element();
      boolean obsolete = first.lastIndex <= first.group.mark().index();
      if (!obsolete && bytes.get() <= bytesMax && written.size() <= WRITTEN_MAX) {
        return;
      }
      written.remove();
      first.group.evict(first.lastIndex, first.epoch);
    }
  }
}
