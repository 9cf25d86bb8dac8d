package dev.henge.storage.lsm.memtable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;

/// Chunks of native memory for memtables, recycled: closing a shared arena stops every thread for a
/// moment, so it is done once, at the end.
///
/// - Bound: what memtables hold at the same time, which engines keep near the budget: they flush
///   when it is [#scarce] and refuse appends when it is [#exhausted]. Oversized chunks (one big
///   value) are freed with their memtable.
/// - Threads: any. Lifetime: closed by its owner after the last memtable.
public final class MemtableMemory implements AutoCloseable {
  /// Bytes of a chunk: small, so that an idle engine costs little.
  public static final int CHUNK_BYTES = 1 << 20;

  private final AtomicLong budgetBytes;
  private final AtomicLong usedBytes = new AtomicLong();
  private final Arena arena = Arena.ofShared();

  // guarded by this
  private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();
  private boolean closed;

  /// @param budgetBytes what memtables should take together
  public MemtableMemory(long budgetBytes) {
    this.budgetBytes = new AtomicLong(budgetBytes);
  }

  /// Raises the budget; lowers it where `bytes` is negative.
  public void allow(long bytes) {
    budgetBytes.addAndGet(bytes);
  }

  public long budgetBytes() {
    return budgetBytes.get();
  }

  /// Bytes that memtables take now.
  public long usedBytes() {
    return usedBytes.get();
  }

  /// Whether memtables should be flushed before they are full.
  public boolean scarce() {
    return usedBytes.get() > budgetBytes.get();
  }

  /// Whether no more should be taken for the moment: a quarter above the budget.
  public boolean exhausted() {
    long budget = budgetBytes.get();
    return usedBytes.get() - budget > budget / 4;
  }

  MemorySegment take() {
    usedBytes.addAndGet(CHUNK_BYTES);
    synchronized (this) {
      MemorySegment chunk = free.pollLast();
      return chunk != null ? chunk : arena.allocate(CHUNK_BYTES, 64);
    }
  }

  void giveBack(MemorySegment chunk) {
    usedBytes.addAndGet(-CHUNK_BYTES);
    synchronized (this) {
      if (!closed) {
        free.addLast(chunk);
      }
    }
  }

  /// An oversized chunk, of the caller's own, was made; negative where it was freed.
  void countOversized(long bytes) {
    usedBytes.addAndGet(bytes);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      free.clear();
      arena.close();
    }
  }
}
