package dev.henge.consensus.group;

import dev.henge.base.Threads;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/// The pool that strands share, and how many of them wait for their turn in it.
///
/// - Threads: any.
final class StrandPool implements AutoCloseable {
  private final Threads.Pool pool;
  private final AtomicInteger waiting = new AtomicInteger();

  /// @param pool must have a place in its queue for each strand that uses it; owned from now on
  StrandPool(Threads.Pool pool) {
    this.pool = pool;
  }

  Threads.Pool pool() {
    return pool;
  }

  /// @return false when the pool is closed
  boolean schedule(Runnable run) {
    waiting.incrementAndGet();
    try {
      pool.execute(run);
      return true;
    } catch (RejectedExecutionException closed) {
      waiting.decrementAndGet();
      return false;
    }
  }

  /// A run that was scheduled has begun.
  void begun() {
    waiting.decrementAndGet();
  }

  /// Whether a strand waits for its turn.
  boolean isBusy() {
    return waiting.get() > 0;
  }

  /// Runs what is scheduled, then ends the threads.
  @Override
  public void close() {
    pool.close();
  }
}
