package dev.henge.storage.lsm;

import dev.henge.base.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Slows writers when compaction falls behind, and stops them before memory or level 0 grow without
/// bound.
///
/// From `level0Slow` tables on, appends draw on a budget of bytes a second, which shrinks towards
/// `level0Stop`; where it is used up, and where memtables or level 0 are full, appends are refused
/// and the writer waits in [#awaitRoom].
///
/// - Threads: any.
final class WriteThrottle {
  /// Longest single wait: state is looked at again after it, should a wake-up be missed.
  private static final long WAIT_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(20);

  private final LsmOptions options;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // guarded by the append lock
  private long budgetBytes;
  private long refilledNanos;

  // guarded by lock
  private long stallNanos;

  WriteThrottle(LsmOptions options, Clock clock) {
    this.options = options;
    this.clock = clock;
    this.refilledNanos = clock.monotonicNanos();
  }

  /// Whether an append of so many bytes may go on now. Append lock held.
  boolean admits(int level0Count, long bytes) {
    if (level0Count < options.level0Slow()) {
      return true;
    }
    if (level0Count >= options.level0Stop()) {
      return false;
    }
    long now = clock.monotonicNanos();
    long rate = bytesPerSecond(level0Count);
    long earned = (long) ((now - refilledNanos) / 1e9 * rate);
    if (earned > 0) {
      // At most 10 ms worth is saved up: slowing is even, not in bursts.
      budgetBytes = Math.min(budgetBytes + earned, rate / 100);
      refilledNanos = now;
    }
    if (budgetBytes <= 0) {
      return false;
    }
    budgetBytes -= bytes;
    return true;
  }

  /// Waits for a moment, or until [#signal].
  void awaitChange() {
    lock.lock();
    try {
      long before = clock.monotonicNanos();
      boolean interrupted = false;
      try {
        changed.awaitNanos(WAIT_NANOS_MAX);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      stallNanos += clock.monotonicNanos() - before;
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Flush or compaction has made room.
  void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  long stallNanos() {
    lock.lock();
    try {
      return stallNanos;
    } finally {
      lock.unlock();
    }
  }

  private long bytesPerSecond(int level0Count) {
    double left =
        (double) (options.level0Stop() - level0Count)
            / (options.level0Stop() - options.level0Slow());
    return Math.max(1 << 20, (long) (options.slowBytesPerSecond() * left));
  }
}
