package dev.henge.base.system;

import dev.henge.base.Threads;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/// Platform threads, made when first needed.
///
/// - Lifetime: each pool is closed by its owner; [#close] ends the timer thread.
public final class SystemThreads implements Threads, AutoCloseable {
  private final BiConsumer<Thread, Throwable> onUncaught;
  private final ScheduledThreadPoolExecutor timer;

  /// @param onUncaught told of every error that ends a task; must not throw
  public SystemThreads(BiConsumer<Thread, Throwable> onUncaught) {
    this.onUncaught = onUncaught;
    this.timer = new ScheduledThreadPoolExecutor(1, factory("timer"));
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /// Prints uncaught errors to the standard error stream.
  public SystemThreads() {
    this((thread, error) -> {
      System.err.println("henge: thread " + thread.getName() + " failed: " + error);
      error.printStackTrace();
    });
  }

  @Override
  public Pool pool(String name, int threads, int queueCount) {
    var executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queueCount),
            factory(name));
    executor.allowCoreThreadTimeOut(true);
    return new SystemPool(executor);
  }

  @Override
  public Timer after(Duration delay, Pool pool, Runnable task) {
    ScheduledFuture<?> future =
        timer.schedule(() -> hand(pool, task), delay.toNanos(), TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  @Override
  public Timer every(Duration interval, Pool pool, Runnable task) {
    var cancelled = new AtomicBoolean();
    schedule(interval, pool, task, cancelled);
    return () -> cancelled.set(true);
  }

  @Override
  public int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private void schedule(Duration interval, Pool pool, Runnable task, AtomicBoolean cancelled) {
    if (cancelled.get() || timer.isShutdown()) {
      return;
    }
    Runnable round =
        () -> {
          if (cancelled.get()) {
            return;
          }
          try {
            task.run();
          } finally {
            schedule(interval, pool, task, cancelled);
          }
        };
    try {
      timer.schedule(
          () -> {
            if (!hand(pool, round)) {
              schedule(interval, pool, task, cancelled);
            }
          },
          interval.toNanos(),
          TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closed) {
      cancelled.set(true);
    }
  }

  /// A full pool skips a timed run: the next one comes.
  private static boolean hand(Pool pool, Runnable task) {
    try {
      pool.execute(task);
      return true;
    } catch (RejectedExecutionException full) {
      return false;
    }
  }

  private ThreadFactory factory(String name) {
    var count = new AtomicInteger();
    return task -> {
      var thread = new Thread(task, name + "-" + count.getAndIncrement());
      thread.setDaemon(true);
      thread.setUncaughtExceptionHandler(onUncaught::accept);
      return thread;
    };
  }

  private record SystemPool(ThreadPoolExecutor executor) implements Pool {
    @Override
    public void execute(Runnable task) {
      executor.execute(task);
    }

    @Override
    public void close() {
      executor.shutdown();
      boolean interrupted = false;
      while (!executor.isTerminated()) {
        try {
          executor.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
