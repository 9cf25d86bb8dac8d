package dev.henge.replication.handoff;

import dev.henge.base.Clock;
import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.Slots;
import dev.henge.base.Threads;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.membership.Liveness;
import dev.henge.replication.quorum.Placement;
import dev.henge.replication.quorum.RemoteReplicas;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.replication.replica.Outcome;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.EngineException;
import dev.henge.storage.WriteRefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Brings hints to their targets when these are up again.
///
/// Where the target is no member any more, and where a hint is older than hints may be, its content
/// goes to the owners of its slot instead: to all of them, or, because of its age, to one besides
/// the target, which is then noted to need repair. A hint goes when everybody it was for said that
/// it is durable there, and stays otherwise: none is ever dropped but those of keyspaces that are.
///
/// - Bounds: [#ROUND_COUNT] hints of one target under way, [Options#bytesPerSecond] in all; a
///   target that does not take them is left alone for up to a minute.
/// - Threads: its pool runs everything; answers come on any thread.
/// - Source: DeCandia et al., "Dynamo" (2007), section 4.6.
public final class HintReplay implements AutoCloseable {
  /// Hints that wait for an answer, of one target.
  static final int ROUND_COUNT = 32;

  private static final long ROUND_BYTES = 1 << 20;
  private static final Duration BACK_OFF_MAX = Duration.ofMinutes(1);
  private static final Duration SAVE_EVERY = Duration.ofMinutes(1);

  /// How it goes about it.
  ///
  /// @param tick between looks at who is up
  /// @param requestMillis for one hint to be taken
  public record Options(Duration tick, long bytesPerSecond, long requestMillis) {
    public static Options defaults() {
      return new Options(Duration.ofMillis(500), 32L << 20, 5_000);
    }
  }

  /// What it knows of the others.
  ///
  /// @param replicas this node's own copies by keyspace id; null where it has none
  /// @param blocking runs what may wait for the disk
  public record Parts(
      long self,
      HintStore store,
      Placement placement,
      Liveness liveness,
      RemoteReplicas remote,
      IntFunction<@Nullable KeyspaceReplica> replicas,
      Clock clock,
      Threads threads,
      Threads.Pool blocking) {}

  private final Parts parts;
  private final Options options;
  private final Threads.Timer ticking;

  // guarded by this
  private final Map<Long, Walk> walks = new HashMap<>();
  private final Map<Long, BackOff> backOffs = new HashMap<>();
  private long freeNanos;
  private long savedNanos;
  private boolean closed;

  private record BackOff(long untilNanos, Duration length) {}

  public HintReplay(Parts parts, Options options) {
    this.parts = parts;
    this.options = options;
    this.freeNanos = parts.clock.monotonicNanos();
    this.savedNanos = freeNanos;
    this.ticking = parts.threads.every(options.tick, parts.blocking, this::tick);
  }

  /// What is under way is left as it is.
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    ticking.cancel();
  }

  private void tick() {
    save();
    for (long target : parts.store.targets()) {
      Walk walk = null;
      synchronized (this) {
        BackOff backOff = backOffs.get(target);
        boolean later = backOff != null && backOff.untilNanos - parts.clock.monotonicNanos() > 0;
        if (!closed && !later && !walks.containsKey(target)) {
          Way way = way(target);
          if (way != null) {
            walk = new Walk(target, way);
            walks.put(target, walk);
          }
        }
      }
      if (walk != null) {
        walk.round();
      }
    }
  }

  /// Where the hints of a target go.
  private enum Way {
    TO_TARGET,
    /// It does not come back.
    TO_OWNERS,
    /// It has been away for too long: what is too old goes to another owner.
    TO_ONE
  }

  private @Nullable Way way(long target) {
    long[] everybody = parts.placement.everybody();
    if (parts.liveness.isUp(target)) {
      return Way.TO_TARGET;
    }
    // Numbers rise: one above all that are known may be of a member that is not known yet.
    boolean gone =
        everybody.length > 0
            && Arrays.binarySearch(everybody, target) < 0
            && target < everybody[everybody.length - 1];
    if (gone) {
      return Way.TO_OWNERS;
    }
    return parts.store.mayHaveExpired(target) ? Way.TO_ONE : null;
  }

  /// One walk over the hints of a target, a round of hints at a time.
  private final class Walk {
    private final long target;
    private final Way way;

    // one thread at a time: a round begins when the one before has ended
    private @Nullable Hint last;
    private long oldestSeconds;
    private long oldestMillis;

    // guarded by this
    private int waiting;
    private long delayMillis;
    private boolean failed;

    Walk(long target, Way way) {
      this.target = target;
      this.way = way;
      this.oldestSeconds = parts.store.time().seconds();
      this.oldestMillis = parts.clock.wallMillis();
    }

    void round() {
      try {
        send(parts.store.next(target, last, ROUND_COUNT, ROUND_BYTES));
      } catch (EngineException unreadable) {
        fail();
        end();
      }
    }

    private void send(List<Hint> hints) {
      if (hints.isEmpty()) {
        end();
        return;
      }
      last = hints.getLast();
      List<Hint> sent = new ArrayList<>();
      for (Hint hint : hints) {
        if (way == Way.TO_ONE && !parts.store.isExpired(hint)) {
          oldestSeconds = Math.min(oldestSeconds, hint.runningSeconds());
          oldestMillis = Math.min(oldestMillis, hint.wallMillis());
        } else {
          sent.add(hint);
        }
      }
      synchronized (this) {
        waiting = 1;
        delayMillis = pace(sent.stream().mapToLong(Hint::bytes).sum());
      }
      sent.forEach(this::send);
      settled();
    }

    private void send(Hint hint) {
      long[] owners = parts.placement.owners(hint.keyspaceId(), Slots.of(hint.key()));
      long[] takers =
          switch (way) {
            case TO_TARGET -> owns(hint, owners) ? new long[] {target} : owners;
            case TO_OWNERS -> owners;
            case TO_ONE ->
                Arrays.stream(owners)
                    .filter(owner -> owner != target && parts.liveness.isUp(owner))
                    .limit(1)
                    .toArray();
          };
      if (owners.length == 0) {
        delivered(hint, false); // Its keyspace was dropped.
        return;
      }
      if (takers.length == 0) {
        fail();
        return;
      }
      synchronized (this) {
        waiting++;
      }
      var delivery = new Delivery(this, hint, takers.length);
      for (long taker : takers) {
        if (taker == parts.self) {
          keepHere(hint, delivery);
        } else {
          parts.remote.merge(
              taker, hint.keyspaceId(), hint.key(), hint.stored(), options.requestMillis, delivery);
        }
      }
    }

    /// Whether the target has a copy of the key, or is to have one.
    private boolean owns(Hint hint, long[] owners) {
      long[] joining = parts.placement.joining(hint.keyspaceId(), Slots.of(hint.key()));
      return LongStream.concat(Arrays.stream(owners), Arrays.stream(joining))
          .anyMatch(owner -> owner == target);
    }

    /// This node is an owner itself.
    private void keepHere(Hint hint, Delivery delivery) {
      KeyspaceReplica replica = parts.replicas.apply(hint.keyspaceId());
      try {
        if (replica != null
            && replica.merge(hint.key(), StoredVersions.decode(hint.stored()), Access.DISK)
                instanceof Outcome.Done done) {
          replica.engine().whenAcknowledged(done.sequence(), delivery);
          return;
        }
      } catch (WriteRefusedException | CorruptionException | FormatException refused) {
        delivery.refused();
        return;
      }
      delivery.refused();
    }

    private void delivered(Hint hint, boolean needsRepair) {
      try {
        parts.store.delivered(hint, needsRepair);
      } catch (WriteRefusedException | EngineException kept) {
        fail();
      }
    }

    private synchronized void fail() {
      failed = true;
    }

    /// A hint of the round has its answers, or the round is sent.
    private void settled() {
      long delay;
      synchronized (this) {
        if (--waiting > 0) {
          return;
        }
        delay = delayMillis;
      }
      try {
        if (delay > 0) {
          parts.threads.after(Duration.ofMillis(delay), parts.blocking, this::next);
        } else {
          parts.blocking.execute(this::next);
        }
      } catch (RejectedExecutionException full) {
        fail();
        end();
      }
    }

    private void next() {
      boolean stop;
      synchronized (this) {
        stop = failed;
      }
      if (stop || HintReplay.this.isClosed()) {
        end();
      } else {
        round();
      }
    }

    private void end() {
      boolean whole;
      synchronized (this) {
        whole = !failed;
      }
      try {
        if (whole && way == Way.TO_ONE) {
          parts.store.oldest(target, oldestSeconds, oldestMillis);
        }
      } catch (WriteRefusedException later) {
        whole = false;
      }
      ended(target, whole);
    }
  }

  /// Hears from all that one hint was for.
  private final class Delivery implements RemoteReplicas.Stored, Engine.AcknowledgeListener {
    private final Walk walk;
    private final Hint hint;

    // guarded by this
    private int missing;
    private boolean lost;

    Delivery(Walk walk, Hint hint, int takers) {
      this.walk = walk;
      this.hint = hint;
      this.missing = takers;
    }

    @Override
    public void stored() {
      settled(true);
    }

    @Override
    public void acknowledged() {
      settled(true);
    }

    @Override
    public void unknown(WriteRefusedException stopped) {
      settled(false);
    }

    @Override
    public void refused() {
      settled(false);
    }

    @Override
    public void lost() {
      settled(false);
    }

    private void settled(boolean stored) {
      boolean whole;
      synchronized (this) {
        lost |= !stored;
        if (--missing > 0) {
          return;
        }
        whole = !lost;
      }
      try {
        parts.blocking.execute(() -> {
          if (whole) {
            walk.delivered(hint, walk.way == Way.TO_ONE);
          } else {
            walk.fail();
          }
          walk.settled();
        });
      } catch (RejectedExecutionException full) {
        walk.fail();
        walk.settled();
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private synchronized void ended(long target, boolean whole) {
    walks.remove(target);
    if (whole) {
      backOffs.remove(target);
      return;
    }
    BackOff before = backOffs.get(target);
    Duration length = before == null ? options.tick : before.length.multipliedBy(2);
    length = length.compareTo(BACK_OFF_MAX) > 0 ? BACK_OFF_MAX : length;
    backOffs.put(target, new BackOff(parts.clock.monotonicNanos() + length.toNanos(), length));
  }

  /// How long to wait after sending so much, so that all targets together get no more than allowed.
  private synchronized long pace(long bytes) {
    long now = parts.clock.monotonicNanos();
    freeNanos = Math.max(freeNanos, now) + bytes * 1_000_000_000 / options.bytesPerSecond;
    return (freeNanos - now) / 1_000_000;
  }

  private void save() {
    synchronized (this) {
      long now = parts.clock.monotonicNanos();
      if (now - savedNanos < SAVE_EVERY.toNanos()) {
        return;
      }
      savedNanos = now;
    }
    try {
      parts.store.time().save();
    } catch (WriteRefusedException full) {
      // The next tick that is due tries again; until then the node's age rises more slowly.
    }
  }
}
