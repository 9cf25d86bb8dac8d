package dev.henge.server.store;

import dev.henge.base.Clock;
import dev.henge.base.Disk;
import dev.henge.base.Threads;
import dev.henge.storage.CompactionFilter;
import dev.henge.storage.Engine;
import dev.henge.storage.lsm.EngineResources;
import dev.henge.storage.lsm.LsmEngine;
import dev.henge.storage.lsm.LsmOptions;
import dev.henge.storage.lsm.table.BlockCache;
import dev.henge.storage.lsm.table.Compression;
import java.io.IOException;
import java.nio.file.Path;

/// The node's engines: one LSM tree for each group, all on one block cache, one budget of memory
/// for what is not in tables yet, and one set of threads.
///
/// - Memory: a memtable of an engine is flushed at its own size (`memtable`, `keyspace-memtable`),
///   and up to two more wait for their flush; all engines together are held to `memtable-total`,
///   the largest memtables being flushed early. Above it there can be a quarter more while flushes
///   are behind, and 1 MiB for each engine.
/// - Lifetime: closed after the engines.
public final class LsmEngines implements EngineFactory, AutoCloseable {
  /// Smaller tables for what is smaller: a named keyspace begins to level at this many memtables.
  private static final int LEVEL_BASE_MEMTABLES = 4;

  private final Disk disk;
  private final Clock clock;
  private final EngineResources resources;
  private final LsmOptions defaults;
  private final long databaseMemtableBytes;
  private final long keyspaceMemtableBytes;

  /// @param defaults of every engine, as far as the others do not say otherwise
  /// @param cacheBytes of all engines together
  /// @param memtableBytes of all engines together
  /// @param databaseMemtableBytes size of a memtable of databases 0-15
  /// @param keyspaceMemtableBytes size of a memtable of any other group
  public LsmEngines(
      Disk disk,
      Clock clock,
      Threads threads,
      LsmOptions defaults,
      long cacheBytes,
      long memtableBytes,
      long databaseMemtableBytes,
      long keyspaceMemtableBytes) {
    this.disk = disk;
    this.clock = clock;
    this.defaults = defaults;
    this.resources =
        new EngineResources(
            threads,
            EngineResources.ThreadCounts.forProcessors(threads.processors()),
            new BlockCache(cacheBytes),
            memtableBytes);
    this.databaseMemtableBytes = databaseMemtableBytes;
    this.keyspaceMemtableBytes = keyspaceMemtableBytes;
  }

  @Override
  public Engine open(Path directory, Role role, CompactionFilter filter) throws IOException {
    long memtableBytes = role.databases() ? databaseMemtableBytes : keyspaceMemtableBytes;
    // Level 0 is rewritten soon: there even a keyspace with Zstd is compressed quickly.
    Compression first =
        role.compression() == Compression.ZSTD ? Compression.LZ4 : role.compression();
    LsmOptions options =
        defaults
            .withMemtableBytes(memtableBytes)
            .withLevels(
                Math.min(defaults.tableBytes(), memtableBytes),
                LEVEL_BASE_MEMTABLES * memtableBytes,
                defaults.levelRatio())
            .withCompression(first, role.compression())
            .withCompactionFilter(filter);
    return LsmEngine.open(directory, options, disk, clock, resources);
  }

  @Override
  public void close() {
    resources.close();
  }
}
