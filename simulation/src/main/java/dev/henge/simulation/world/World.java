package dev.henge.simulation.world;

import dev.henge.base.Invariant;
import dev.henge.base.simulated.SeededRandomness;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/// True time, and everything that will happen in it.
///
/// Time jumps to the next event. What runs can [#charge] time for itself: it has done its work at
/// once, but what it hands over begins only when that time is over. Events of one instant run in an
/// order drawn from the seed.
///
/// - Threads: one.
public final class World {
  private record Event(long atNanos, long tie, long order, Runnable action) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          Comparator.comparingLong(Event::atNanos)
              .thenComparingLong(Event::tie)
              .thenComparingLong(Event::order));
  private final SeededRandomness random;
  private final TraceHash trace = new TraceHash();
  private final Hearing hearing = new Hearing();
  private long nowNanos;
  private long chargedNanos;
  private long order;
  private long eventCount;

  public World(SeededRandomness random) {
    this.random = random;
  }

  /// Time since the run began, with what the running task has charged.
  public long nowNanos() {
    return nowNanos + chargedNanos;
  }

  public SeededRandomness random() {
    return random;
  }

  public TraceHash trace() {
    return trace;
  }

  /// Says where what runs now does so.
  void on(String machine) {
    hearing.on(machine);
  }

  public long eventCount() {
    return eventCount;
  }

  /// Lets the running task take so much time more.
  public void charge(long nanos) {
    chargedNanos += nanos;
  }

  /// Runs `action` at a time that has not passed; at once after what runs now otherwise.
  public void at(long atNanos, Runnable action) {
    events.add(new Event(Math.max(atNanos, nowNanos), random.nextLong(), order++, action));
  }

  /// Runs `action` after `delay`.
  public void after(Duration delay, Runnable action) {
    at(nowNanos() + delay.toNanos(), action);
  }

  /// Runs the next event, if any.
  public boolean step() {
    Event next = events.poll();
    if (next == null) {
      return false;
    }
    Invariant.check(next.atNanos >= nowNanos, "time goes forward");
    nowNanos = next.atNanos;
    chargedNanos = 0;
    eventCount++;
    hearing.at(nowNanos);
    next.action.run();
    chargedNanos = 0;
    return true;
  }

  /// Runs what happens up to `untilNanos`, and lets time arrive there.
  public void runUntil(long untilNanos) {
    while (!events.isEmpty() && events.peek().atNanos <= untilNanos) {
      step();
    }
    nowNanos = Math.max(nowNanos, untilNanos);
  }
}
