package dev.henge.simulation.eventual;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.metadata.Replication;
import dev.henge.replication.quorum.Answer;
import dev.henge.replication.quorum.Level;
import dev.henge.replication.quorum.Request;
import dev.henge.simulation.Cluster;
import dev.henge.simulation.Report;
import dev.henge.simulation.SimulationOptions;
import dev.henge.simulation.eventual.EventualHistory.Place;
import dev.henge.simulation.fault.FaultClass;
import dev.henge.simulation.fault.Schedule;
import dev.henge.simulation.network.SimulatedNetwork;
import dev.henge.simulation.world.World;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/// One run of eventual keyspaces: clients, faults; then everything heals, copies become equal, and
/// what became of each key is judged.
///
/// - Threads: one.
public final class EventualSimulation {
  private static final Duration STEP = Duration.ofMillis(50);
  private static final Duration FOUNDING = Duration.ofSeconds(20);
  private static final Duration LAST_CALLS = Duration.ofSeconds(5);

  /// After everything works again, this long until all copies are equal.
  private static final Duration HEALING = Duration.ofSeconds(60);

  /// Of hints, before copies are compared.
  private static final Duration DELIVERY = Duration.ofSeconds(20);

  private static final int LONGEST_FACTOR = 8;
  private static final int OPERATIONS_A_MINUTE_MIN = 1_000;
  private static final int FAULTS_MIN = 5;
  private static final int CLASSES_MIN = 3;

  /// Reads under way at a time at the end.
  private static final int READERS = 8;

  private final long seed;
  private final SimulationOptions options;
  private final World world;
  private final EventualCluster cluster;
  private final EventualHistory history;
  private final Schedule schedule;
  private final SeededRandomness random;
  private final List<String> violations = new ArrayList<>();
  private final Map<Place, Deed.Values> ends = new TreeMap<>();
  private int numbers;
  private boolean stopped;
  private boolean delivered;

  private EventualSimulation(long seed, SimulationOptions options, EventualMaking making) {
    this.seed = seed;
    this.options = options;
    world = new World(new SeededRandomness(seed));
    random = world.random().split();
    var network = new SimulatedNetwork(world, options.latencyMicrosMax());
    cluster = new EventualCluster(world, network, making, options.machines());
    history = new EventualHistory(world);
    schedule = new Schedule(world, cluster, options.faults(), options.gap(), options.duration());
  }

  /// Runs one seed.
  public static Report run(long seed, SimulationOptions options) {
    return run(seed, options, EventualMaking.RIGHT);
  }

  static Report run(long seed, SimulationOptions options, EventualMaking making) {
    var run = new EventualSimulation(seed, options, making);
    run.go();
    return run.report();
  }

  private void go() {
    cluster.found();
    if (!within(FOUNDING, cluster::isSettled)) {
      violations.add("the members did not start:\n" + cluster.describe());
      return;
    }
    for (int i = 0; i < options.clients(); i++) {
      client(i).think();
    }
    schedule.begin();
    world.runUntil(world.nowNanos() + options.duration().toNanos());
    if (!within(options.duration().multipliedBy(LONGEST_FACTOR), this::isWorthItsName)) {
      violations.add(
          "only %d operations and faults %s\n%s"
              .formatted(history.answeredCount(), schedule.done(), cluster.describe()));
    }
    stopped = true;
    schedule.heal();
    cluster.healed();
    world.runUntil(world.nowNanos() + LAST_CALLS.toNanos());
    if (!within(HEALING, cluster::isSettled)) {
      violations.add("everything healed, and members are not whole:\n" + cluster.describe());
      return;
    }
    // What comes from a clock that was far ahead cannot be delivered until its time has come.
    delivered = within(DELIVERY, () -> cluster.keepers() == 0);
    if (!within(HEALING, this::converge)) {
      violations.add(
          "everything healed, and copies differ: "
              + differing().stream().map(place -> place + " " + cluster.held(place)).toList());
      return;
    }
    readEnds();
  }

  private EventualClient client(int name) {
    return new EventualClient(
        world, cluster, history, name, () -> numbers++, () -> stopped, options.thinkMicrosMax());
  }

  private boolean isWorthItsName() {
    Map<FaultClass, Integer> done = schedule.done();
    int faults = done.values().stream().mapToInt(Integer::intValue).sum();
    return history.answeredCount() * 60 >= OPERATIONS_A_MINUTE_MIN * options.duration().toSeconds()
        && faults >= FAULTS_MIN
        && done.size() >= Math.min(CLASSES_MIN, options.faults().size());
  }

  /// Keys of which owners hold different things.
  private Set<Place> differing() {
    var differing = new TreeSet<Place>();
    for (Place place : history.all()) {
      if (new TreeSet<>(cluster.held(place).values()).size() > 1 && !isAhead(place)) {
        differing.add(place);
      }
    }
    return differing;
  }

  private boolean isAhead(Place place) {
    boolean latest =
        cluster.ring().replication(place.keyspace()).conflicts() == Replication.Conflicts.LATEST;
    return latest && cluster.isAhead(place);
  }

  /// Reads keys that differ from all their copies, which brings them together; whether they are.
  private boolean converge() {
    Set<Place> differing = differing();
    if (!differing.isEmpty()) {
      read(differing, false);
    }
    return differing.isEmpty();
  }

  private void readEnds() {
    if (!read(history.judged(), true)) {
      violations.add("everything healed, and keys cannot be read:\n" + cluster.describe());
    }
  }

  /// @param keep whether what is read is the end
  /// @return whether every read was answered
  private boolean read(Collection<Place> places, boolean keep) {
    Deque<Place> left = new ArrayDeque<>(places);
    int[] unanswered = {places.size()};
    for (int i = 0; i < READERS; i++) {
      readNext(left, unanswered, keep);
    }
    return within(HEALING, () -> unanswered[0] == 0);
  }

  private void readNext(Deque<Place> left, int[] unanswered, boolean keep) {
    Place place = left.poll();
    if (place == null) {
      return;
    }
    cluster.submit(
        random.nextInt(cluster.machineCount()),
        place,
        new Request.Read(Level.ALL),
        5_000,
        answer -> {
          if (answer instanceof Answer.Found(var versions, int copies)) {
            unanswered[0]--;
            if (keep) {
              ends.put(place, Deed.Values.of(versions));
            }
          } else {
            left.add(place);
          }
          readNext(left, unanswered, keep);
        });
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

  private void judge() {
    for (Map.Entry<Place, Deed.Values> end : ends.entrySet()) {
      Place place = end.getKey();
      Replication replication = cluster.ring().replication(place.keyspace());
      violations.addAll(
          KeyJudge.violations(
              new KeyHistory(
                  place.toString(),
                  replication.conflicts() == Replication.Conflicts.LATEST,
                  replication.quorum() == Replication.Quorum.STRICT,
                  Math.min(replication.copies(), options.machines()),
                  cluster.replicas(),
                  cluster.damages(),
                  delivered,
                  history.deeds(place),
                  end.getValue())));
    }
  }

  private Report report() {
    violations.addAll(cluster.internalErrors());
    judge();
    return new Report(
        seed,
        options,
        List.copyOf(violations),
        new Cluster.Counts(0, 0, 0, counts()),
        history.answeredCount(),
        history.unknownCount(),
        history.refusedCount(),
        schedule.done(),
        world.nowNanos() / 1_000_000,
        world.eventCount(),
        cluster.network().deliveredCount(),
        world.trace().value());
  }

  private Map<String, Long> counts() {
    var counts = new TreeMap<String, Long>();
    counts.put("keys", (long) history.all().size());
    counts.put("keys ahead", history.all().stream().filter(this::isAhead).count());
    counts.put("keep hints", cluster.keepers());
    counts.put("most siblings", (long) history.siblingsMost());
    return counts;
  }
}
