package dev.henge.storage.lsm.memtable;

/// A Bloom filter over the keys of one memtable, filled as they are inserted: most reads look for a key
/// that is in a table, and a search of the skip list costs them a dozen cache misses.
///
/// - Shape: a 64th of the memtable in lines of 64 bytes; a key sets two bits of one line. With entries of
///   100 bytes about one search in fifty is in vain when the memtable is full.
/// - Threads: one writer; a reader sees the bits of every entry at or below a sequence number that was
///   published after it was inserted.
final class MemtableFilter {
  private static final int LINE_LONGS = 8;

  private final long[] bits;
  private final int lineCount;

  /// @param memtableBytes size at which the memtable is flushed
  MemtableFilter(long memtableBytes) {
    lineCount = (int) Math.max(1, Math.min(1 << 20, memtableBytes >>> 12));
    bits = new long[lineCount * LINE_LONGS];
  }

  void add(long hash) {
    int line = line(hash);
    bits[line + ((int) hash & 7)] |= 1L << (hash >>> 3);
    bits[line + ((int) (hash >>> 9) & 7)] |= 1L << (hash >>> 12);
  }

  boolean mayContain(long hash) {
    int line = line(hash);
    return (bits[line + ((int) hash & 7)] >>> (hash >>> 3) & 1) != 0
        && (bits[line + ((int) (hash >>> 9) & 7)] >>> (hash >>> 12) & 1) != 0;
  }

  private int line(long hash) {
    return (int) (((hash >>> 32) * lineCount) >>> 32) * LINE_LONGS;
  }
}
