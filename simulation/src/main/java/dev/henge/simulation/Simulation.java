package dev.henge.simulation;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.simulation.fault.FaultClass;
import dev.henge.simulation.fault.Schedule;
import dev.henge.simulation.workload.History;
import dev.henge.simulation.workload.Workload;
import dev.henge.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

/// One run: a cluster, clients, faults; then everything heals, and is judged.
///
/// - Threads: one.
public final class Simulation {
  private static final Duration STEP = Duration.ofMillis(50);
  private static final Duration FOUNDING = Duration.ofSeconds(20);
  private static final Duration LAST_CALLS = Duration.ofSeconds(12);

  /// A run in which little comes about goes on, but not for ever.
  private static final int LONGEST_FACTOR = 8;

  private static final int OPERATIONS_A_MINUTE_MIN = 1_000;
  private static final int FAULTS_MIN = 5;
  private static final int CLASSES_MIN = 3;

  /// After everything works again, this long until all replicas are equal and serve.
  private static final Duration HEALING = Duration.ofSeconds(60);

  private final long seed;
  private final SimulationOptions options;
  private final World world;
  private final Cluster cluster;
  private final History history;
  private final Workload workload;
  private final Schedule schedule;
  private final List<String> violations = new ArrayList<>();

  private Simulation(
      long seed,
      SimulationOptions options,
      BiFunction<World, SimulationOptions, Cluster> clusters) {
    this.seed = seed;
    this.options = options;
    world = new World(new SeededRandomness(seed));
    cluster = clusters.apply(world, options);
    history = new History(world);
    workload = new Workload(world, cluster, history, options.clients(), options.thinkMicrosMax());
    schedule = new Schedule(world, cluster, options.faults(), options.gap(), options.duration());
  }

  /// Runs one seed.
  ///
  /// @param clusters builds what is tested
  public static Report run(
      long seed,
      SimulationOptions options,
      BiFunction<World, SimulationOptions, Cluster> clusters) {
    var run = new Simulation(seed, options, clusters);
    run.go();
    return run.report();
  }

  private void go() {
    cluster.found();
    if (!within(FOUNDING, cluster::isSettled)) {
      violations.add("the cluster was not founded:\n" + cluster.describe());
      return;
    }
    workload.begin();
    cluster.operate();
    schedule.begin();
    world.runUntil(world.nowNanos() + options.duration().toNanos());
    Duration longest = options.duration().multipliedBy(LONGEST_FACTOR);
    if (!within(longest, this::isWorthItsName)) {
      violations.add(
          "after %s only %d operations and faults %s; not done: %s\n%s"
              .formatted(
                  longest,
                  history.answeredCount(),
                  schedule.done(),
                  cluster.unkept(),
                  cluster.describe()));
    }
    workload.stop();
    schedule.heal();
    world.runUntil(world.nowNanos() + LAST_CALLS.toNanos());
    if (!within(HEALING, cluster::isSettled)) {
      violations.add(
          "everything healed, and the cluster is not whole again:\n" + cluster.describe());
      return;
    }
    boolean[] read = {false};
    workload.readAll(() -> read[0] = true);
    if (!within(HEALING, () -> read[0])) {
      violations.add("everything healed, and reads find no end:\n" + cluster.describe());
      return;
    }
    if (!within(HEALING, cluster::isSettled)) {
      violations.add("after the last reads the cluster is not at rest:\n" + cluster.describe());
      return;
    }
    violations.addAll(cluster.differences(workload.keys()));
  }

  private boolean isWorthItsName() {
    Map<FaultClass, Integer> done = schedule.done();
    int faults = done.values().stream().mapToInt(Integer::intValue).sum();
    return history.answeredCount() * 60 >= OPERATIONS_A_MINUTE_MIN * options.duration().toSeconds()
        && faults >= FAULTS_MIN
        && done.size() >= Math.min(CLASSES_MIN, options.faults().size())
        && cluster.unkept().isEmpty();
  }

  /// What was asked for often enough must have come about.
  private void expectCounts() {
    Map<FaultClass, Integer> done = schedule.done();
    int changes = done.getOrDefault(FaultClass.MEMBERS, 0);
    if (changes >= 8 && options.machines() > 3 && cluster.counts().changes() == 0) {
      violations.add("members were to change " + changes + " times, and never did");
    }
    if (cluster.counts().elections() < options.keyspaces()) {
      violations.add("fewer elections than groups");
    }
  }

  private boolean within(Duration time, BooleanSupplier condition) {
    long end = world.nowNanos() + time.toNanos();
    while (!condition.getAsBoolean()) {
      if (world.nowNanos() >= end) {
        return false;
      }
      world.runUntil(world.nowNanos() + STEP.toNanos());
    }
    return true;
  }

  private Report report() {
    expectCounts();
    violations.addAll(cluster.internalErrors());
    violations.addAll(history.judge());
    return new Report(
        seed,
        options,
        List.copyOf(violations),
        cluster.counts(),
        history.answeredCount(),
        history.unknownCount(),
        history.refusedCount(),
        schedule.done(),
        world.nowNanos() / 1_000_000,
        world.eventCount(),
        cluster.network().deliveredCount(),
        world.trace().value());
  }
}
