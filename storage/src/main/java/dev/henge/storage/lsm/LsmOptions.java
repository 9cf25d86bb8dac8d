package dev.henge.storage.lsm;

import dev.henge.base.Invariant;
import dev.henge.storage.CompactionFilter;
import dev.henge.storage.lsm.table.Compression;
import java.util.List;

/// How an LSM engine is shaped. Any of it may differ from one opening to the next.
///
/// @param memtableBytes a memtable of this size is flushed
/// @param memtableCountMax memtables, the active one included, before appends are refused
/// @param logSegmentBytes size of a log file
/// @param blockBytes data block size before compression
/// @param restartInterval entries between whole keys in a block
/// @param bloomBitsPerKey 0 for no filters
/// @param blockCacheBytes of the engine's own cache (unused when it is given one)
/// @param compression by level; the last entry holds for all deeper ones
/// @param tableBytes size at which a compaction begins the next table
/// @param levelBaseBytes target size of level 1
/// @param levelRatio growth of the target from level to level
/// @param level0Compact tables in level 0 that start a compaction
/// @param level0Slow tables in level 0 from which appends are slowed
/// @param level0Stop tables in level 0 at which appends are refused until compaction catches up
/// @param slowBytesPerSecond appends a second where slowing begins; falls towards `level0Stop`
/// @param compactionBytesPerSecond most that compaction writes a second; 0 for no limit
/// @param compactionFilter what the owner lets compaction drop
public record LsmOptions(
    long memtableBytes,
    int memtableCountMax,
    int logSegmentBytes,
    int blockBytes,
    int restartInterval,
    int bloomBitsPerKey,
    long blockCacheBytes,
    List<Compression> compression,
    long tableBytes,
    long levelBaseBytes,
    int levelRatio,
    int level0Compact,
    int level0Slow,
    int level0Stop,
    long slowBytesPerSecond,
    long compactionBytesPerSecond,
    CompactionFilter compactionFilter) {

  /// Levels 0 to 6: with the default sizes room for 250 TB.
  public static final int LEVELS = 7;

  public LsmOptions {
    compression = List.copyOf(compression);
    Invariant.check(!compression.isEmpty(), "there is a compression for level 0");
    Invariant.check(memtableCountMax >= 2, "one memtable is flushed while another is written");
    Invariant.check(
        level0Compact >= 1 && level0Compact <= level0Slow && level0Slow <= level0Stop,
        "level 0 compacts, then slows, then stops");
    Invariant.check(levelRatio >= 2, "levels grow");
    Invariant.check(
        blockBytes > 0 && restartInterval > 0 && logSegmentBytes >= 4096, "sizes are positive");
  }

  public static LsmOptions defaults() {
    return new LsmOptions(
        64L << 20,
        3,
        16 << 20,
        4 << 10,
        16,
        10,
        128L << 20,
        List.of(Compression.LZ4),
        64L << 20,
        256L << 20,
        10,
        4,
        12,
        24,
        32L << 20,
        0,
        CompactionFilter.KEEP_ALL);
  }

  public LsmOptions withMemtableBytes(long bytes) {
    var changed = new Draft(this);
    changed.memtableBytes = bytes;
    return changed.options();
  }

  public LsmOptions withLogSegmentBytes(int bytes) {
    var changed = new Draft(this);
    changed.logSegmentBytes = bytes;
    return changed.options();
  }

  public LsmOptions withBlocks(int bytes, int interval) {
    var changed = new Draft(this);
    changed.blockBytes = bytes;
    changed.restartInterval = interval;
    return changed.options();
  }

  public LsmOptions withBloomBitsPerKey(int bits) {
    var changed = new Draft(this);
    changed.bloomBitsPerKey = bits;
    return changed.options();
  }

  public LsmOptions withBlockCacheBytes(long bytes) {
    var changed = new Draft(this);
    changed.blockCacheBytes = bytes;
    return changed.options();
  }

  /// One for each level from 0; the last holds for all deeper ones.
  public LsmOptions withCompression(Compression... byLevel) {
    var changed = new Draft(this);
    changed.compression = List.of(byLevel);
    return changed.options();
  }

  public LsmOptions withLevels(long newTableBytes, long baseBytes, int ratio) {
    var changed = new Draft(this);
    changed.tableBytes = newTableBytes;
    changed.levelBaseBytes = baseBytes;
    changed.levelRatio = ratio;
    return changed.options();
  }

  public LsmOptions withLevel0(int compact, int slow, int stop) {
    var changed = new Draft(this);
    changed.level0Compact = compact;
    changed.level0Slow = slow;
    changed.level0Stop = stop;
    return changed.options();
  }

  public LsmOptions withRates(long slowBytes, long compactionBytes) {
    var changed = new Draft(this);
    changed.slowBytesPerSecond = slowBytes;
    changed.compactionBytesPerSecond = compactionBytes;
    return changed.options();
  }

  public LsmOptions withCompactionFilter(CompactionFilter filter) {
    var changed = new Draft(this);
    changed.compactionFilter = filter;
    return changed.options();
  }

  Compression compressionOf(int level) {
    return compression.get(Math.min(level, compression.size() - 1));
  }

  /// Bytes that a level from 1 on should hold at most.
  long targetBytes(int level) {
    long target = levelBaseBytes;
    for (int i = 1; i < level; i++) {
      target = Math.multiplyExact(target, levelRatio);
    }
    return target;
  }

  /// The largest batch taken: it goes into one log segment, whose length field has 31 bits.
  static final int BATCH_BYTES_MAX = 512 << 20;

  /// The same options, open to change.
  private static final class Draft {
    private long memtableBytes;
    private int memtableCountMax;
    private int logSegmentBytes;
    private int blockBytes;
    private int restartInterval;
    private int bloomBitsPerKey;
    private long blockCacheBytes;
    private List<Compression> compression;
    private long tableBytes;
    private long levelBaseBytes;
    private int levelRatio;
    private int level0Compact;
    private int level0Slow;
    private int level0Stop;
    private long slowBytesPerSecond;
    private long compactionBytesPerSecond;
    private CompactionFilter compactionFilter;

    Draft(LsmOptions from) {
      memtableBytes = from.memtableBytes;
      memtableCountMax = from.memtableCountMax;
      logSegmentBytes = from.logSegmentBytes;
      blockBytes = from.blockBytes;
      restartInterval = from.restartInterval;
      bloomBitsPerKey = from.bloomBitsPerKey;
      blockCacheBytes = from.blockCacheBytes;
      compression = from.compression;
      tableBytes = from.tableBytes;
      levelBaseBytes = from.levelBaseBytes;
      levelRatio = from.levelRatio;
      level0Compact = from.level0Compact;
      level0Slow = from.level0Slow;
      level0Stop = from.level0Stop;
      slowBytesPerSecond = from.slowBytesPerSecond;
      compactionBytesPerSecond = from.compactionBytesPerSecond;
      compactionFilter = from.compactionFilter;
    }

    LsmOptions options() {
      return new LsmOptions(
          memtableBytes,
          memtableCountMax,
          logSegmentBytes,
          blockBytes,
          restartInterval,
          bloomBitsPerKey,
          blockCacheBytes,
          compression,
          tableBytes,
          levelBaseBytes,
          levelRatio,
          level0Compact,
          level0Slow,
          level0Stop,
          slowBytesPerSecond,
          compactionBytesPerSecond,
          compactionFilter);
    }
  }
}
