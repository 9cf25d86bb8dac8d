package dev.henge.simulation.eventual;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.metadata.Replication;
import dev.henge.replication.causality.HybridClock;
import dev.henge.replication.causality.VersionVector;
import dev.henge.replication.quorum.Answer;
import dev.henge.replication.quorum.Level;
import dev.henge.replication.quorum.Request;
import dev.henge.replication.replica.Change;
import dev.henge.simulation.eventual.Deed.Kind;
import dev.henge.simulation.eventual.Deed.Outcome;
import dev.henge.simulation.eventual.Deed.Values;
import dev.henge.simulation.eventual.EventualHistory.Place;
import dev.henge.simulation.world.World;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// One client, through any node: reads, writes of what it has read, writes of somebody who has read
/// nothing, deletions, additions to counters, values that expire. It asks once; what it is not told
/// remains unknown.
///
/// - Threads: the simulation's.
final class EventualClient {
  /// Below what replicas take of another's clock: theirs may be behind.
  private static final long DRIFT_MILLIS_MAX = 1_000;

  private static final long TIMEOUT_MILLIS = 1_500;
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /// Keys of one kind at a time; new ones from time to time keep histories short.
  private static final int REGISTERS = 4;

  private static final int EPOCH = 400;
  private static final int ENDING = 10;

  private final World world;
  private final SeededRandomness random;
  private final EventualCluster cluster;
  private final EventualHistory history;
  private final int name;
  private final IntSupplier numbers;
  private final BooleanSupplier stopped;
  private final long thinkMicrosMax;
  private int machine;

  /// @param numbers gives numbers that nobody had before, ascending
  EventualClient(
      World world,
      EventualCluster cluster,
      EventualHistory history,
      int name,
      IntSupplier numbers,
      BooleanSupplier stopped,
      long thinkMicrosMax) {
    this.world = world;
    this.random = world.random().split();
    this.cluster = cluster;
    this.history = history;
    this.name = name;
    this.numbers = numbers;
    this.stopped = stopped;
    this.thinkMicrosMax = thinkMicrosMax;
    this.machine = random.nextInt(cluster.machineCount());
  }

  void think() {
    world.after(Duration.ofNanos(random.between(0, thinkMicrosMax) * 1_000), this::begin);
  }

  private void begin() {
    if (stopped.getAsBoolean()) {
      return;
    }
    if (random.chance(20)) {
      machine = random.nextInt(cluster.machineCount());
    }
    int number = numbers.getAsInt();
    int epoch = number / EPOCH;
    int keyspace = random.nextInt(cluster.keyspaceCount());
    int kind = random.nextInt(100);
    if (kind < 12) {
      add(new Place(keyspace, "counter-" + epoch));
    } else if (kind < 17) {
      ending(new Place(keyspace, "ending-" + random.nextInt(ENDING)), number);
    } else {
      register(
          new Place(keyspace, "register-" + epoch + "-" + random.nextInt(REGISTERS)), "v" + number);
    }
  }

  private void register(Place place, String value) {
    int kind = random.nextInt(100);
    if (kind < 30) {
      read(place, (found, seen) -> think());
    } else if (kind < 65) {
      // A writer who has read may take its time.
      read(
          place,
          (found, seen) ->
              world.after(
                  Duration.ofMillis(random.chance(20) ? random.between(1, 3_000) : 1),
                  () -> put(place, value, found, seen)));
    } else if (kind < 85) {
      put(place, value, null, null);
    } else if (kind < 96) {
      read(place, (found, seen) -> delete(place, found, seen));
    } else {
      forget(place);
    }
  }

  private interface Reader {
    void read(VersionVector context, Set<String> seen);
  }

  /// @param then not called where nothing was read
  private void read(Place place, Reader then) {
    long start = world.nowNanos();
    ask(
        place,
        new Request.Read(readLevel(place)),
        answer -> {
          if (answer instanceof Answer.Found(var versions, int copies)) {
            Values values = Values.of(versions);
            history.add(
                place,
                deed(
                    Kind.READ, Outcome.DONE, start, null, 0, null, Values.NONE, values, copies, 0));
            then.read(versions.seen(), values.values());
          } else {
            history.add(place, none(Kind.READ, Outcome.REFUSED, start, null, 0, null));
            think();
          }
        });
  }

  private void put(
      Place place, String value, @Nullable VersionVector context, @Nullable Set<String> seen) {
    var put = new Change.Put(context, 0, 0, value.getBytes(StandardCharsets.UTF_8));
    write(place, new Request.Write(put, writeLevel(place)), Kind.PUT, value, 0, seen);
  }

  private void delete(Place place, VersionVector context, Set<String> seen) {
    write(place, Request.delete(context, writeLevel(place)), Kind.DELETE, null, 0, seen);
  }

  private void forget(Place place) {
    write(
        place, new Request.Forget(readLevel(place), writeLevel(place)), Kind.FORGET, null, 0, null);
  }

  private void add(Place place) {
    if (random.chance(20)) {
      read(place, (found, seen) -> think());
      return;
    }
    long delta = 1L + random.nextInt(9);
    write(
        place,
        new Request.Write(new Change.Add(delta), writeLevel(place)),
        Kind.ADD,
        null,
        delta,
        null);
  }

  private void ending(Place place, int number) {
    long expiryMillis = cluster.machine(machine).wallMillis() + random.between(100, 600_000);
    byte[] value = ("e" + number).getBytes(StandardCharsets.UTF_8);
    Change change =
        random.chance(70)
            ? new Change.Put(null, 0, expiryMillis, value)
            : new Change.Expire(random.chance(30) ? 0 : expiryMillis);
    Request request =
        change instanceof Change.Expire
            ? new Request.Alter(change, readLevel(place), writeLevel(place))
            : new Request.Write(change, writeLevel(place));
    ask(
        place,
        request,
        answer -> {
          history.addUnjudged(place, outcome(answer));
          think();
        });
  }

  private void write(
      Place place,
      Request request,
      Kind kind,
      @Nullable String value,
      long delta,
      @Nullable Set<String> context) {
    long start = world.nowNanos();
    ask(
        place,
        request,
        answer -> {
          history.add(
              place,
              answer instanceof Answer.Written written && !isAhead(place, written)
                  ? deed(
                      kind,
                      Outcome.DONE,
                      start,
                      value,
                      delta,
                      context,
                      Values.of(written.before()),
                      Values.of(written.versions()),
                      written.copies() - written.hints(),
                      written.hints())
                  : none(
                      kind,
                      answer instanceof Answer.Written ? Outcome.UNKNOWN : outcome(answer),
                      start,
                      value,
                      delta,
                      context));
          think();
        });
  }

  /// Whether the coordinator's clock is so far ahead that no other copy takes the write, where
  /// times decide: then nobody can say what will be there.
  private boolean isAhead(Place place, Answer.Written written) {
    boolean latest =
        cluster.ring().replication(place.keyspace()).conflicts() == Replication.Conflicts.LATEST;
    long limit = cluster.machine(machine).trueMillis() + DRIFT_MILLIS_MAX;
    return latest && HybridClock.millis(Values.of(written.versions()).newest()) > limit;
  }

  private Deed none(
      Kind kind,
      Outcome outcome,
      long start,
      @Nullable String value,
      long delta,
      @Nullable Set<String> context) {
    return deed(kind, outcome, start, value, delta, context, Values.NONE, Values.NONE, 0, 0);
  }

  private Deed deed(
      Kind kind,
      Outcome outcome,
      long start,
      @Nullable String value,
      long delta,
      @Nullable Set<String> context,
      Values before,
      Values after,
      int copies,
      int hints) {
    return new Deed(
        name,
        kind,
        outcome,
        start,
        world.nowNanos(),
        value,
        delta,
        context,
        before,
        after,
        copies,
        hints,
        cluster.damages());
  }

  private static Outcome outcome(@Nullable Answer answer) {
    return switch (answer) {
      case Answer.Found found -> Outcome.DONE;
      case Answer.Written written -> Outcome.DONE;
      case Answer.Refused refused -> Outcome.REFUSED;
      case Answer.Unavailable unavailable -> Outcome.REFUSED;
      case Answer.Overloaded overloaded -> Outcome.REFUSED;
      case Answer.Unknown unknown -> Outcome.UNKNOWN;
      case null -> Outcome.REFUSED;
    };
  }

  /// @param done hears null where nothing was done, and no answer within the client's patience as
  ///   unknown
  private void ask(Place place, Request request, Consumer<@Nullable Answer> done) {
    boolean[] over = {false};
    Consumer<@Nullable Answer> once =
        answer -> {
          if (!over[0]) {
            over[0] = true;
            done.accept(answer);
          }
        };
    world.after(PATIENCE, () -> once.accept(new Answer.Unknown(0, 0)));
    cluster.submit(machine, place, request, TIMEOUT_MILLIS, once);
  }

  private Level readLevel(Place place) {
    Replication replication = cluster.ring().replication(place.keyspace());
    return level(replication.r(), replication.copies());
  }

  private Level writeLevel(Place place) {
    Replication replication = cluster.ring().replication(place.keyspace());
    return level(replication.w(), replication.copies());
  }

  private Level level(int usual, int copies) {
    return random.chance(60)
        ? Level.of(usual)
        : random.oneOf(List.of(Level.ONE, Level.QUORUM, Level.QUORUM, Level.ALL, Level.of(copies)));
  }
}
