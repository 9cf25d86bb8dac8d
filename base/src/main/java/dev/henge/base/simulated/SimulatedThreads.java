package dev.henge.base.simulated;

import dev.henge.base.Threads;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.RejectedExecutionException;

/// Runs every pool's tasks on the caller's thread, in an order that only the caller decides.
///
/// By default tasks wait until [#runOne] or [#runAll]. Calls that wait for background work are made
/// through [#promptly]: while one lasts, tasks run as soon as they are handed over.
///
/// - Threads: one. No locks, no waiting.
public final class SimulatedThreads implements Threads {
  /// A call that may wait for background work.
  public interface Blocking {
    void call() throws IOException;
  }

  /// A [Blocking] call with a result.
  public interface BlockingFor<T> {
    T call() throws IOException;
  }

  private record Timed(long dueNanos, long order, SimulatedPool pool, Runnable task) {}

  private final SimulatedClock clock;
  private final ArrayDeque<Runnable> ready = new ArrayDeque<>();
  private final PriorityQueue<Timed> timers =
      new PriorityQueue<>(
          Comparator.comparingLong(Timed::dueNanos).thenComparingLong(Timed::order));
  private long order;
  private boolean prompt;
  private boolean running;

  public SimulatedThreads(SimulatedClock clock) {
    this.clock = clock;
  }

  /// Tasks that wait.
  public int waitingCount() {
    return ready.size();
  }

  /// Runs the task that waits longest, if any.
  public boolean runOne() {
    Runnable task = ready.poll();
    if (task == null) {
      return false;
    }
    boolean nested = running;
    running = true;
    try {
      task.run();
    } finally {
      running = nested;
    }
    return true;
  }

  /// Runs tasks until none waits.
  public void runAll() {
    while (runOne()) {
      // a task may hand over others
    }
  }

  /// Runs up to `count` tasks.
  public void run(int count) {
    for (int i = 0; i < count && runOne(); i++) {
      // one a round
    }
  }

  /// Makes `call`, running tasks the moment they are handed over, those that wait first.
  public <T> T promptly(BlockingFor<T> call) throws IOException {
    boolean before = prompt;
    runAll();
    prompt = true;
    try {
      return call.call();
    } finally {
      prompt = before;
    }
  }

  /// As the other, without a result.
  public void promptly(Blocking call) throws IOException {
    promptly(() -> {
      call.call();
      return true;
    });
  }

  /// Lets time pass; timers that fall due run in their order.
  public void advance(Duration by) {
    long end = clock.monotonicNanos() + by.toNanos();
    while (!timers.isEmpty() && timers.peek().dueNanos <= end) {
      Timed next = timers.remove();
      clock.advance(Duration.ofNanos(Math.max(0, next.dueNanos - clock.monotonicNanos())));
      if (!next.pool.closed) {
        next.pool.execute(next.task);
        runAll();
      }
    }
    clock.advance(Duration.ofNanos(Math.max(0, end - clock.monotonicNanos())));
  }

  @Override
  public Pool pool(String name, int threads, int queueCount) {
    return new SimulatedPool(queueCount);
  }

  @Override
  public Timer after(Duration delay, Pool pool, Runnable task) {
    var timed =
        new Timed(clock.monotonicNanos() + delay.toNanos(), order++, (SimulatedPool) pool, task);
    timers.add(timed);
    return () -> timers.remove(timed);
  }

  @Override
  public Timer every(Duration interval, Pool pool, Runnable task) {
    return new Repeating(interval, pool, task);
  }

  /// Two, on every machine, so that a seed repeats.
  @Override
  public int processors() {
    return 2;
  }

  private final class Repeating implements Timer {
    private final Duration interval;
    private final Pool pool;
    private final Runnable task;
    private boolean cancelled;

    Repeating(Duration interval, Pool pool, Runnable task) {
      this.interval = interval;
      this.pool = pool;
      this.task = task;
      schedule();
    }

    private void schedule() {
      after(interval, pool, this::round);
    }

    private void round() {
      if (cancelled) {
        return;
      }
      try {
        task.run();
      } finally {
        schedule();
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  private final class SimulatedPool implements Pool {
    private final int queueCount;
    private int waiting;
    private boolean closed;

    SimulatedPool(int queueCount) {
      this.queueCount = queueCount;
    }

    @Override
    public void execute(Runnable task) {
      if (closed || waiting >= queueCount) {
        throw new RejectedExecutionException(closed ? "the pool is closed" : "the queue is full");
      }
      waiting++;
      ready.add(() -> {
        waiting--;
        task.run();
      });
      if (prompt && !running) {
        runAll();
      }
    }

    @Override
    public void close() {
      while (waiting > 0 && runOne()) {
        // what is queued still runs
      }
      closed = true;
    }
  }
}
