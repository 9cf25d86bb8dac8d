package dev.henge.storage.lsm.memtable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/// Chunks of native memory for memtables, recycled: closing a shared arena stops every thread for a
/// moment, so it is done once, at the end.
///
/// - Bound: what memtables hold at the same time, which the engine bounds by its stall; oversized
///   chunks (one big value) are freed with their memtable.
/// - Threads: any. Lifetime: closed by the engine after the last memtable.
public final class MemtableMemory implements AutoCloseable {
  /// Bytes of a chunk: small, so that an idle engine costs little.
  static final int CHUNK_BYTES = 1 << 20;

  private final Arena arena = Arena.ofShared();

  // guarded by this
  private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();
  private boolean closed;

  synchronized MemorySegment take() {
    MemorySegment chunk = free.pollLast();
    return chunk != null ? chunk : arena.allocate(CHUNK_BYTES, 64);
  }

  synchronized void giveBack(MemorySegment chunk) {
    if (!closed) {
      free.addLast(chunk);
    }
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
