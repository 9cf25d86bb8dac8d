package dev.henge.simulation.world;

import dev.henge.base.Threads;
import dev.henge.base.simulated.SeededRandomness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/// The threads of one life of a node: from its start to its end or crash.
///
/// A pool of n threads runs up to n tasks at a time, each for as long as it charges; among the n
/// that waited longest, chance says which begins. A crash ends all: tasks that wait and timers are
/// forgotten.
///
/// - Errors: an exception that leaves a task is kept in [#errors]; nothing in a node may end so.
/// - Threads: the simulation's.
public final class Incarnation implements Threads {
  private static final int ERRORS_KEPT_MAX = 8;

  private final Machine machine;
  private final World world;
  private final SeededRandomness random;
  private final List<Throwable> errors = new ArrayList<>();
  private boolean alive = true;

  Incarnation(Machine machine) {
    this.machine = machine;
    this.world = machine.world();
    this.random = machine.random().split();
  }

  public boolean isAlive() {
    return alive;
  }

  /// What left tasks.
  public List<Throwable> errors() {
    return errors;
  }

  void end() {
    alive = false;
  }

  /// Runs what blocks (starting, closing) here and now; its time is charged.
  public void runNow(Runnable task) {
    world.on(machine.name());
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  @Override
  public Pool pool(String name, int threads, int queueCount) {
    return new SimulatedPool(name, threads, queueCount);
  }

  @Override
  public Timer after(Duration delay, Pool pool, Runnable task) {
    var timer = new OneTime(pool, task);
    world.at(world.nowNanos() + machine.trueNanos(Math.max(0, delay.toNanos())), timer::fire);
    return timer;
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

  private void failed(Throwable error) {
    if (alive && errors.size() < ERRORS_KEPT_MAX) {
      errors.add(error);
    }
  }

  private final class OneTime implements Timer {
    private final Pool pool;
    private final Runnable task;
    private boolean cancelled;

    OneTime(Pool pool, Runnable task) {
      this.pool = pool;
      this.task = task;
    }

    void fire() {
      if (alive && !cancelled) {
        try {
          pool.execute(task);
        } catch (RejectedExecutionException full) {
          // as on real threads: a full pool skips a timed run
        }
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
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
      if (alive && !cancelled) {
        world.at(world.nowNanos() + machine.trueNanos(interval.toNanos()), this::fire);
      }
    }

    private void fire() {
      if (!alive || cancelled) {
        return;
      }
      try {
        pool.execute(this::round);
      } catch (RejectedExecutionException full) {
        schedule();
      }
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
    private final String name;
    private final int threads;
    private final int queueCount;
    private final ArrayList<Runnable> queue = new ArrayList<>();
    private int busy;
    private long lastCostNanos;
    private boolean closed;

    SimulatedPool(String name, int threads, int queueCount) {
      this.name = name;
      this.threads = threads;
      this.queueCount = queueCount;
    }

    @Override
    public void execute(Runnable task) {
      if (closed || queue.size() >= queueCount) {
        throw new RejectedExecutionException(closed ? "the pool is closed" : "the queue is full");
      }
      queue.add(task);
      if (alive && busy < threads) {
        busy++;
        world.at(world.nowNanos() + wakeNanos(), this::begin);
      }
    }

    /// A thread of this pool looks for work.
    private void begin() {
      if (!alive || queue.isEmpty()) {
        busy--;
        return;
      }
      long paused = machine.pausedUntilNanos();
      if (paused > world.nowNanos()) {
        world.at(paused + wakeNanos(), this::begin);
        return;
      }
      Runnable task =
          queue.remove(threads == 1 ? 0 : random.nextInt(Math.min(threads, queue.size())));
      world.trace().add(world.nowNanos());
      world.trace().add(name);
      long begun = world.nowNanos();
      world.on(machine.name());
      world.charge(machine.slowness() * random.between(1_000, 20_000));
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        failed(e);
      }
      lastCostNanos = world.nowNanos() - begun;
      // The thread is taken until the time that the task charged is over.
      world.at(world.nowNanos(), this::begin);
    }

    /// Before a task begins passes about as much time as it will take after: what a task hands over
    /// is late, and what it will make durable has waited.
    private long wakeNanos() {
      long usual = machine.slowness() * random.between(500, random.chance(3) ? 2_000_000 : 30_000);
      return usual + random.between(0, lastCostNanos);
    }

    @Override
    public void close() {
      while (!queue.isEmpty()) {
        try {
          queue.removeFirst().run();
        } catch (RuntimeException | Error e) {
          failed(e);
        }
      }
      closed = true;
    }
  }
}
