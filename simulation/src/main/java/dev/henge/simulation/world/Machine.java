package dev.henge.simulation.world;

import dev.henge.base.Clock;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.SimulatedDisk;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hardware: a disk, clocks that are not quite right, a processor that may be slow or stand still.
///
/// What runs on it is an [Incarnation] of the node; it ends with a crash, the machine goes on.
///
/// - Threads: the simulation's.
public final class Machine implements Clock {
  private static final Logger LOG = LoggerFactory.getLogger(Machine.class);

  /// The wall clock of a right machine when a run begins.
  private static final long START_MILLIS = 1_750_000_000_000L;

  private final World world;
  private final String name;
  private final SeededRandomness random;
  private final MachineDisk observer;
  private SimulatedDisk disk = new SimulatedDisk();
  private @Nullable Incarnation running;
  private Runnable onEnd = () -> {};

  // clocks: what they show is offset + rate * true time
  private double monotonicRate = 1;
  private long monotonicOffsetNanos;
  private double wallRate = 1;
  private long wallOffsetNanos;

  private int slowness = 1;
  private long pausedUntilNanos;

  public Machine(World world, String name) {
    this.world = world;
    this.name = name;
    this.random = world.random().split();
    this.observer = new MachineDisk(this, random.split());
    disk.observe(observer);
  }

  public String name() {
    return name;
  }

  World world() {
    return world;
  }

  SeededRandomness random() {
    return random;
  }

  public SimulatedDisk disk() {
    return disk;
  }

  /// What can go wrong with the disk.
  public MachineDisk diskFaults() {
    return observer;
  }

  /// What runs here; null while nothing does.
  public @Nullable Incarnation running() {
    return running;
  }

  /// Who hears that a process has ended, however, right after what ran then.
  public void onEnd(Runnable listener) {
    onEnd = listener;
  }

  /// Starts a process: there must be none.
  public Incarnation boot() {
    if (running != null) {
      throw new IllegalStateException(name + " runs already");
    }
    LOG.info("{} boots", name);
    observer.processBegins();
    running = new Incarnation(this);
    return running;
  }

  /// The process ends as it is; the machine goes on, so the disk keeps what was written.
  public void kill() {
    crash(disk.killProcess());
  }

  /// The power is lost: so is what was not synced, in one of the ways of [SimulatedDisk#crash].
  public void losePower() {
    crash(disk.crash(random.nextLong()));
  }

  /// The process has ended by itself, cleanly.
  public void stopped() {
    crash(disk.killProcess());
  }

  /// Another disk, empty, takes the place of the one that was there. Nothing may run.
  public void replaceDisk() {
    LOG.info("{} gets an empty disk", name);
    adopt(new SimulatedDisk());
  }

  /// All tasks take `factor` times as long; 1 is usual.
  public void slowDown(int factor) {
    slowness = factor;
  }

  int slowness() {
    return slowness;
  }

  /// Nothing runs here for so long from now on.
  public void pause(Duration duration) {
    pausedUntilNanos = Math.max(pausedUntilNanos, world.nowNanos() + duration.toNanos());
  }

  long pausedUntilNanos() {
    return pausedUntilNanos;
  }

  /// How fast the clocks go; both go on from what they show now.
  ///
  /// @param monotonic close to 1: consensus may rely on a bound of this one
  public void clockRates(double monotonic, double wall) {
    wallOffsetNanos += (long) ((wallRate - wall) * world.nowNanos());
    wallRate = wall;
    monotonicOffsetNanos += (long) ((monotonicRate - monotonic) * world.nowNanos());
    monotonicRate = monotonic;
  }

  /// The wall clock is set.
  public void jumpWallClock(Duration by) {
    wallOffsetNanos += by.toNanos();
  }

  /// Both clocks go right, and the wall clock is set to true time.
  public void rightClocks() {
    clockRates(1, 1);
    wallOffsetNanos = 0;
  }

  /// What a right wall clock shows now.
  public long trueMillis() {
    return START_MILLIS + world.nowNanos() / 1_000_000;
  }

  /// True nanoseconds that pass while this machine's monotonic clock counts `nanos`.
  long trueNanos(long nanos) {
    return (long) (nanos / monotonicRate);
  }

  @Override
  public long wallMillis() {
    return START_MILLIS + (wallOffsetNanos + (long) (wallRate * world.nowNanos())) / 1_000_000;
  }

  @Override
  public long monotonicNanos() {
    return monotonicOffsetNanos + (long) (monotonicRate * world.nowNanos());
  }

  private void crash(SimulatedDisk found) {
    if (running != null) {
      LOG.info("{} ends", name);
      running.end();
      running = null;
      world.at(world.nowNanos(), onEnd);
    }
    adopt(found);
  }

  private void adopt(SimulatedDisk fresh) {
    disk.observe(MachineDisk.NOBODY);
    disk = fresh;
    disk.observe(observer);
  }
}
