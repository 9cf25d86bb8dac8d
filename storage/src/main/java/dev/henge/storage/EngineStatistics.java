package dev.henge.storage;

import java.util.List;

/// Counters since opening and sizes now, of one engine.
///
/// @param memtableBytes bytes held by memtables, active and immutable
/// @param tableCount tables on disk
/// @param tableBytes their bytes
/// @param levelTableCounts tables by level
/// @param levelBytes bytes by level
/// @param logBytes bytes of log segments on disk
/// @param entryCountEstimate puts minus deletions in tables and memtables: above the truth where
///   keys were overwritten, never meant for more than a gauge
/// @param cacheBytes bytes in the block cache
/// @param cacheHits blocks found in it
/// @param cacheMisses blocks read from the disk
/// @param filterSkips tables that a Bloom filter spared a read
/// @param flushCount memtables written
/// @param compactionCount compactions done
/// @param compactionBytesRead bytes read by compactions
/// @param compactionBytesWritten bytes written by compactions
/// @param logSyncs syncs of the log
/// @param logWrites writes of the log
/// @param batches batches appended
/// @param stallNanos time that writers were slowed or stopped
/// @param diskFull whether writes are refused because the disk is full
public record EngineStatistics(
    long memtableBytes,
    int tableCount,
    long tableBytes,
    List<Integer> levelTableCounts,
    List<Long> levelBytes,
    long logBytes,
    long entryCountEstimate,
    long cacheBytes,
    long cacheHits,
    long cacheMisses,
    long filterSkips,
    long flushCount,
    long compactionCount,
    long compactionBytesRead,
    long compactionBytesWritten,
    long logSyncs,
    long logWrites,
    long batches,
    long stallNanos,
    boolean diskFull) {}
