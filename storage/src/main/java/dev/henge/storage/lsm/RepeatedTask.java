package dev.henge.storage.lsm;

import dev.henge.base.Threads;
import java.util.concurrent.RejectedExecutionException;

/// Work of one engine that is asked for again and again, on a pool that many engines share: it
/// waits in the pool's queue at most once, and never runs twice at a time.
///
/// - Threads: any. What asks while the work runs makes it run once more.
/// - Lifetime: after [#close] it does not run, and the last run is over.
final class RepeatedTask implements AutoCloseable {
  private enum State {
    IDLE,
    QUEUED,
    RUNNING,
    /// Running, and asked for meanwhile.
    AGAIN
  }

  private final Threads.Pool pool;
  private final Runnable task;
  private final Runnable round = this::round;

  // guarded by this
  private State state = State.IDLE;
  private boolean closed;

  RepeatedTask(Threads.Pool pool, Runnable task) {
    this.pool = pool;
    this.task = task;
  }

  /// The task runs soon, from its beginning.
  void schedule() {
    synchronized (this) {
      if (closed || state == State.QUEUED || state == State.AGAIN) {
        return;
      }
      if (state == State.RUNNING) {
        state = State.AGAIN;
        return;
      }
      state = State.QUEUED;
    }
    hand();
  }

  /// Waits for a run in progress.
  @Override
  public synchronized void close() {
    closed = true;
    boolean interrupted = false;
    while (state == State.RUNNING || state == State.AGAIN) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void hand() {
    try {
      pool.execute(round);
    } catch (RejectedExecutionException closing) {
      synchronized (this) {
        state = State.IDLE;
      }
    }
  }

  private void round() {
    synchronized (this) {
      if (closed) {
        state = State.IDLE;
        return;
      }
      state = State.RUNNING;
    }
    boolean again;
    try {
      task.run();
    } finally {
      synchronized (this) {
        again = state == State.AGAIN && !closed;
        state = again ? State.QUEUED : State.IDLE;
        notifyAll();
      }
    }
    if (again) {
      hand();
    }
  }
}
