package dev.henge.consensus.group;

import java.util.concurrent.atomic.AtomicInteger;

/// Runs one task again and again, never twice at a time, whenever something was signalled since it
/// last began.
///
/// What is signalled waits in queues of the task's owner; a run takes all of it, so many signals
/// cost one run. Between runs the strand holds no thread, and at most one place in the pool's
/// queue.
///
/// - Threads: [#signal] from any. What one run wrote, the next one sees.
/// - Errors: what the task throws reaches the pool's handler; the strand stays usable.
final class Strand {
  private static final int IDLE = 0;
  private static final int SCHEDULED = 1;
  private static final int RUNNING = 2;
  private static final int RUNNING_SIGNALLED = 3;

  private final StrandPool pool;
  private final Runnable task;
  private final Runnable run = this::run;
  private final AtomicInteger state = new AtomicInteger(IDLE);

  Strand(StrandPool pool, Runnable task) {
    this.pool = pool;
    this.task = task;
  }

  /// Makes sure that a run begins after this call.
  ///
  /// @return false when the pool is closed: no run will come
  boolean signal() {
    while (true) {
      int now = state.get();
      if (now == SCHEDULED || now == RUNNING_SIGNALLED) {
        return true;
      }
      if (now == IDLE && state.compareAndSet(IDLE, SCHEDULED)) {
        boolean scheduled = pool.schedule(run);
        if (!scheduled) {
          state.set(IDLE);
        }
        return scheduled;
      }
      if (now == RUNNING && state.compareAndSet(RUNNING, RUNNING_SIGNALLED)) {
        return true;
      }
    }
  }

  /// Makes sure that a run begins after this call or is this call: where nobody runs the task, this
  /// thread does, which saves the way through the pool. For threads that hold no lock and may spend
  /// a run's time.
  void runHere() {
    if (!state.compareAndSet(IDLE, RUNNING)) {
      signal();
      return;
    }
    try {
      task.run();
    } finally {
      if (!state.compareAndSet(RUNNING, IDLE)) {
        state.set(IDLE);
        signal();
      }
    }
  }

  /// One run a turn: strands that share a pool take turns. While the pool closes there is no other
  /// turn, and what was signalled runs at once.
  private void run() {
    pool.begun();
    boolean again;
    do {
      state.set(RUNNING);
      try {
        task.run();
      } finally {
        again = !state.compareAndSet(RUNNING, IDLE);
        if (again) {
          state.set(SCHEDULED);
          again = !pool.schedule(run);
        }
      }
    } while (again);
  }
}
