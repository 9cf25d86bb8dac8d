package dev.henge.base;

import java.time.Duration;
import java.util.concurrent.Executor;

/// Makes every thread of a node: named, with an error handler, ended by its owner.
///
/// Background work is written as tasks given to a [Pool], never as loops over a private thread, so
/// that a simulator can run the same tasks in virtual time on one thread.
public interface Threads {
  /// A pool of up to `threads` threads called `name-0`, `name-1`, ... Its queue holds at most
  /// `queueCount` waiting tasks.
  Pool pool(String name, int threads, int queueCount);

  /// Runs `task` on `pool` after `delay`. Cancelling is best effort: a task that has begun goes on.
  Timer after(Duration delay, Pool pool, Runnable task);

  /// Runs `task` on `pool` again and again, `interval` after the end of the run before.
  Timer every(Duration interval, Pool pool, Runnable task);

  /// How many tasks can really run at one time: pools are sized by it.
  int processors();

  /// Tasks run in the order given when the pool has one thread.
  interface Pool extends Executor, AutoCloseable {
    /// Hands `task` over.
    ///
    /// @throws java.util.concurrent.RejectedExecutionException when the queue is full or the pool
    ///   closed: the caller answers `overloaded` or runs the task itself
    @Override
    void execute(Runnable task);

    /// Runs what is queued, then ends the threads. Idempotent.
    @Override
    void close();
  }

  /// A pending run.
  interface Timer {
    void cancel();
  }
}
