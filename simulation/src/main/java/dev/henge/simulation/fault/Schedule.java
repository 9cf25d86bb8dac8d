package dev.henge.simulation.fault;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.simulation.world.World;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Draws one fault after the other, until told to stop.
///
/// Each seed favours some classes and leaves out others, so that also what is rare together meets.
///
/// - Threads: the simulation's.
public final class Schedule {
  private static final Logger LOG = LoggerFactory.getLogger(Schedule.class);

  /// With fewer left, none is left out.
  private static final int CLASSES_MIN = 5;

  private final World world;
  private final SeededRandomness random;
  private final Faults faults;
  private final Map<FaultClass, Integer> weights = new EnumMap<>(FaultClass.class);
  private final Map<FaultClass, Integer> done = new EnumMap<>(FaultClass.class);
  private final Duration usualGap;
  private final Duration duration;
  private boolean stopped;

  /// @param classes to draw from
  /// @param usualGap time between two faults, on average
  /// @param duration of a usual run: in one that must go on for longer, because little has come
  ///   about, faults become rarer
  public Schedule(
      World world, Target target, Set<FaultClass> classes, Duration usualGap, Duration duration) {
    this.world = world;
    this.random = world.random().split();
    this.usualGap = usualGap;
    this.duration = duration;
    for (FaultClass kind : classes) {
      weights.put(kind, kind.weight() * (random.chance(25) ? 0 : 1 + random.nextInt(3)));
    }
    if (weights.values().stream().filter(weight -> weight > 0).count() < CLASSES_MIN) {
      classes.forEach(kind -> weights.put(kind, kind.weight()));
    }
    // Of two voters none is a minority: where disks are damaged, there are at least three.
    boolean damages =
        weights.getOrDefault(FaultClass.LOST_DISK, 0) > 0
            || weights.getOrDefault(FaultClass.FLIPPED_BIT, 0) > 0;
    this.faults = new Faults(world, random.split(), target, damages ? 3 : 2);
  }

  public void begin() {
    next();
  }

  /// No more faults; those under way end, and everything is as it should be.
  public void heal() {
    stopped = true;
    faults.healAll();
  }

  /// How often each class came about.
  public Map<FaultClass, Integer> done() {
    return done;
  }

  private void next() {
    long times = 1 + world.nowNanos() / (2 * duration.toNanos());
    long micros = times * usualGap.toNanos() / 1_000;
    world.after(
        Duration.ofNanos(random.between(micros / 10, micros * 19 / 10) * 1_000),
        () -> {
          if (!stopped) {
            FaultClass kind = draw();
            if (faults.inject(kind)) {
              LOG.info("fault: {}", kind);
              done.merge(kind, 1, Integer::sum);
              world.trace().add(kind.name());
            }
            next();
          }
        });
  }

  private FaultClass draw() {
    int sum = weights.values().stream().mapToInt(Integer::intValue).sum();
    int at = random.nextInt(sum);
    for (Map.Entry<FaultClass, Integer> entry : weights.entrySet()) {
      at -= entry.getValue();
      if (at < 0) {
        return entry.getKey();
      }
    }
    throw new IllegalStateException("the weights do not add up");
  }
}
