package dev.henge.storage.lsm;

import dev.henge.base.Threads;
import dev.henge.storage.lsm.memtable.MemtableMemory;
import dev.henge.storage.lsm.table.BlockCache;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// What the engines of one process share: threads for background work, the block cache, and memory
/// for memtables with a budget over all of them.
///
/// - Threads: commits of logs, flushes, compactions and the making of log space have pools of their
///   own, so that a commit never waits behind a flush; each engine has at most one task of each
///   kind queued or running ([RepeatedTask]). Their number does not grow with the engines, and an
///   engine that nobody uses asks for nothing.
/// - Memory: an empty memtable takes a chunk, which comes on top of the budget for each engine.
///   When memtables take more than the budget, the largest one of all engines is flushed before it
///   is full, until what is not being flushed fits. Above a quarter more, engines that hold more
///   than a little refuse appends for the moment (`STALLED`).
/// - Lifetime: closed after the engines.
public final class EngineResources implements AutoCloseable {
  /// Every engine has at most one task of a kind in a queue.
  private static final int QUEUE_COUNT = 16_384;

  private static final long UNLIMITED = Long.MAX_VALUE / 4;

  final Threads threads;
  final Threads.Pool logPool;
  final Threads.Pool flushPool;
  final Threads.Pool compactionPool;
  final Threads.Pool spacePool;
  final BlockCache cache;
  final MemtableMemory memory;
  // in the order of their opening, which is the order in which they are looked at
  private final Collection<LsmEngine> engines = new CopyOnWriteArrayList<>();
  private final RepeatedTask relief;

  /// How many threads there are of each kind, at most.
  ///
  /// @param log they mostly wait for the disk: with more of them the syncs of several engines
  ///   overlap
  /// @param flush two at least, so that one slow flush does not hold up the other engines
  public record ThreadCounts(int log, int flush, int compaction, int space) {
    /// For one engine.
    static final ThreadCounts ONE = new ThreadCounts(1, 1, 1, 1);

    /// For the engines of a node with so many processors.
    public static ThreadCounts forProcessors(int processors) {
      return new ThreadCounts(
          Math.clamp(2L * processors, 4, 16),
          Math.clamp(processors / 2, 2, 4),
          Math.clamp(processors / 2, 2, 4),
          2);
    }
  }

  /// @param memtableBytes budget of all memtables together
  public EngineResources(
      Threads threads, ThreadCounts counts, BlockCache cache, long memtableBytes) {
    this.threads = threads;
    this.cache = cache;
    this.memory = new MemtableMemory(memtableBytes);
    this.logPool = threads.pool("henge-log", counts.log, QUEUE_COUNT);
    this.flushPool = threads.pool("henge-flush", counts.flush, QUEUE_COUNT);
    this.compactionPool = threads.pool("henge-compact", counts.compaction, QUEUE_COUNT);
    this.spacePool = threads.pool("henge-log-space", counts.space, QUEUE_COUNT);
    this.relief = new RepeatedTask(flushPool, this::relieve);
  }

  /// Those of one engine that shares with none: no budget but its own options'.
  static EngineResources ofOne(Threads threads, LsmOptions options) {
    return new EngineResources(
        threads, ThreadCounts.ONE, new BlockCache(options.blockCacheBytes()), UNLIMITED);
  }

  /// Bytes that memtables take now.
  public long memtableBytes() {
    return memory.usedBytes();
  }

  void opened(LsmEngine engine) {
    engines.add(engine);
    memory.allow(MemtableMemory.CHUNK_BYTES);
  }

  void closed(LsmEngine engine) {
    engines.remove(engine);
    memory.allow(-MemtableMemory.CHUNK_BYTES);
  }

  /// Memtables take more than they should: has some of them flushed.
  void scheduleRelief() {
    relief.schedule();
  }

  /// What is being flushed counts as freed, unless that takes so long that appends are refused:
  /// then one more engine flushes, so that no one's slow flush stops the others.
  private void relieve() {
    while (memory.scarce()) {
      boolean exhausted = memory.exhausted();
      long flushing = engines.stream().mapToLong(LsmEngine::flushingBytes).sum();
      if (!exhausted && memory.usedBytes() - flushing <= memory.budgetBytes()) {
        return;
      }
      Optional<LsmEngine> largest =
          engines.stream()
              .filter(engine -> engine.flushingBytes() == 0)
              .max(Comparator.comparingLong(LsmEngine::activeBytes));
      if (largest.isEmpty() || !largest.get().flushEarly() || exhausted) {
        return;
      }
    }
  }

  @Override
  public void close() {
    relief.close();
    logPool.close();
    flushPool.close();
    compactionPool.close();
    spacePool.close();
    memory.close();
  }
}
