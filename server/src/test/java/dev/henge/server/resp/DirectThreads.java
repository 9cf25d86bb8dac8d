package dev.henge.server.resp;

import dev.henge.base.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/// Pools whose tasks wait until the test runs them, or run at once.
final class DirectThreads implements Threads {
  private final List<Runnable> waiting = new ArrayList<>();
  private final List<Runnable> repeated = new ArrayList<>();
  private boolean holding;
  private boolean full;

  /// From now on tasks wait for [#runWaiting].
  void hold() {
    holding = true;
  }

  /// From now on pools refuse.
  void full(boolean yes) {
    full = yes;
  }

  /// Runs once what is to be run in intervals.
  void tick() {
    repeated.forEach(Runnable::run);
  }

  int waitingCount() {
    return waiting.size();
  }

  void runWaiting() {
    List<Runnable> tasks = List.copyOf(waiting);
    waiting.clear();
    tasks.forEach(Runnable::run);
  }

  @Override
  public Pool pool(String name, int threads, int queueCount) {
    return new Pool() {
      @Override
      public void execute(Runnable task) {
        if (full) {
          throw new RejectedExecutionException("full");
        }
        if (holding) {
          waiting.add(task);
        } else {
          task.run();
        }
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public int processors() {
    return 1;
  }

  @Override
  public Timer after(Duration delay, Pool pool, Runnable task) {
    pool.execute(task);
    return () -> {};
  }

  @Override
  public Timer every(Duration interval, Pool pool, Runnable task) {
    repeated.add(task);
    return () -> repeated.remove(task);
  }
}
