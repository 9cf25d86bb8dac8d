package dev.henge.server.eventual;

import dev.henge.base.Clock;
import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.Slots;
import dev.henge.base.Threads;
import dev.henge.data.ScanPosition;
import dev.henge.replication.causality.Version;
import dev.henge.replication.membership.Liveness;
import dev.henge.replication.quorum.Placement;
import dev.henge.replication.replica.KeyWalk;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.server.peer.PeerCalls;
import dev.henge.storage.EngineException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Walks over the keys of a keyspace, over runs of slots that one owner has all of: this node where
/// it has, else the first live one.
///
/// - Threads: any; walks here run on the pool.
final class KeyWalks {
  private static final Logger LOG = LoggerFactory.getLogger(KeyWalks.class);

  /// Pages are asked of other nodes in pieces of at most so many keys.
  private static final int COUNT_MAX = 10_000;

  private final long self;
  private final PeerCalls calls;
  private final Placement placement;
  private final Liveness liveness;
  private final IntFunction<@Nullable KeyspaceReplica> replicas;
  private final Clock clock;
  private final Threads.Pool blocking;

  KeyWalks(
      long self,
      PeerCalls calls,
      Placement placement,
      Liveness liveness,
      IntFunction<@Nullable KeyspaceReplica> replicas,
      Clock clock,
      Threads.Pool blocking) {
    this.self = self;
    this.calls = calls;
    this.placement = placement;
    this.liveness = liveness;
    this.replicas = replicas;
    this.clock = clock;
    this.blocking = blocking;
    calls.serve(EventualServices.WALK, (from, body, responder) -> serve(body, responder));
  }

  void page(
      int keyspaceId, ScanPosition from, int count, long timeoutMillis, Consumer<KeysAnswer> done) {
    new Walking(keyspaceId, Math.clamp(count, 1, COUNT_MAX), timeoutMillis, done).from(from);
  }

  void count(int keyspaceId, long timeoutMillis, Consumer<KeysAnswer> done) {
    new Walking(keyspaceId, 0, timeoutMillis, done).from(ScanPosition.START);
  }

  /// Hears of one run of slots.
  private interface RunListener {
    void page(KeysAnswer.Page page);

    void counted(long keys);

    void failed(KeysAnswer why);
  }

  /// One walk, run after run.
  private final class Walking implements RunListener {
    private final int keyspaceId;
    private final int count;
    private final long deadlineNanos;
    private final Consumer<KeysAnswer> done;

    // One thread at a time.
    private final List<KeysAnswer.LiveKey> keys = new ArrayList<>();
    private long counted;
    private int slotTo;

    /// @param count 0 to count them all
    Walking(int keyspaceId, int count, long timeoutMillis, Consumer<KeysAnswer> done) {
      this.keyspaceId = keyspaceId;
      this.count = count;
      this.deadlineNanos = clock.monotonicNanos() + timeoutMillis * 1_000_000;
      this.done = done;
    }

    void from(ScanPosition position) {
      int slot = position.slot();
      long walker = walker(keyspaceId, slot);
      if (walker == 0) {
        done.accept(new KeysAnswer.Unavailable("no copy of slot " + slot + " can be reached now"));
        return;
      }
      slotTo = slot + 1;
      while (slotTo < Slots.COUNT && walker(keyspaceId, slotTo) == walker) {
        slotTo++;
      }
      int left = count == 0 ? 0 : count - keys.size();
      var walk = new EventualWire.Walk(keyspaceId, position, slotTo, left);
      long leftMillis = (deadlineNanos - clock.monotonicNanos()) / 1_000_000;
      if (leftMillis <= 0) {
        done.accept(new KeysAnswer.Unavailable("the copies did not answer in time"));
      } else if (walker == self) {
        here(walk, this);
      } else {
        there(walker, walk, leftMillis, this);
      }
    }

    @Override
    public void page(KeysAnswer.Page page) {
      keys.addAll(page.keys());
      ScanPosition next = page.next();
      if (next == null && slotTo < Slots.COUNT) {
        next = new ScanPosition(slotTo, null);
      }
      // A run without end ends with its slots; one of fewer keys than asked for has looked at dead
      // ones, which count as work done.
      if (next == null || page.next() != null || keys.size() >= count) {
        done.accept(new KeysAnswer.Page(keys, next));
      } else {
        from(next);
      }
    }

    @Override
    public void counted(long more) {
      counted += more;
      if (slotTo < Slots.COUNT) {
        from(new ScanPosition(slotTo, null));
      } else {
        done.accept(new KeysAnswer.Count(counted));
      }
    }

    @Override
    public void failed(KeysAnswer why) {
      done.accept(why);
    }
  }

  /// Who walks over a slot; 0 where no owner can be reached.
  private long walker(int keyspaceId, int slot) {
    long first = 0;
    for (long owner : placement.owners(keyspaceId, slot)) {
      if (owner == self) {
        return self;
      }
      if (first == 0 && liveness.isUp(owner)) {
        first = owner;
      }
    }
    return first;
  }

  private void here(EventualWire.Walk walk, RunListener listener) {
    KeyspaceReplica replica = replicas.apply(walk.keyspaceId());
    if (replica == null) {
      listener.failed(new KeysAnswer.Unavailable("the keyspace is not open here yet"));
      return;
    }
    try {
      blocking.execute(() -> walk(replica, walk, listener));
    } catch (RejectedExecutionException full) {
      listener.failed(new KeysAnswer.Overloaded("too many requests wait for this node's disk"));
    }
  }

  private void walk(KeyspaceReplica replica, EventualWire.Walk walk, RunListener listener) {
    long now = clock.wallMillis();
    List<KeysAnswer.LiveKey> keys = new ArrayList<>();
    long counted = 0;
    ScanPosition next = null;
    try (KeyWalk all = replica.walk(walk.from(), walk.slotTo())) {
      int left = walk.count();
      while (all.next()) {
        List<Version> live = all.versions().live(now);
        if (!live.isEmpty()) {
          counted++;
          if (walk.count() > 0) {
            keys.add(
                new KeysAnswer.LiveKey(
                    all.key(), live.stream().map(Version::kind).collect(Collectors.toSet())));
          }
        }
        if (walk.count() > 0 && --left == 0) {
          next = all.position();
          break;
        }
      }
    } catch (EngineException failed) {
      LOG.error("a walk over keys failed", failed);
      listener.failed(new KeysAnswer.Unavailable(String.valueOf(failed.getMessage())));
      return;
    }
    if (walk.count() == 0) {
      listener.counted(counted);
    } else {
      listener.page(new KeysAnswer.Page(keys, next));
    }
  }

  private void there(
      long member, EventualWire.Walk walk, long timeoutMillis, RunListener listener) {
    calls.call(
        member,
        EventualServices.WALK,
        EventualWire.encode(walk),
        timeoutMillis,
        new PeerCalls.Listener() {
          @Override
          public void answered(byte[] body) {
            if (walk.count() == 0 && body.length == Long.BYTES) {
              listener.counted(ByteBuffer.wrap(body).getLong());
              return;
            }
            KeysAnswer.Page page;
            try {
              page = EventualWire.decodePage(body);
            } catch (CorruptionException | FormatException newer) {
              listener.failed(new KeysAnswer.Unavailable(String.valueOf(newer.getMessage())));
              return;
            }
            listener.page(page);
          }

          @Override
          public void refused(int status, byte[] why) {
            listener.failed(
                status == PeerCalls.OVERLOADED
                    ? new KeysAnswer.Overloaded("member " + member + " is overloaded")
                    : new KeysAnswer.Unavailable(
                        "member " + member + ": " + new String(why, StandardCharsets.UTF_8)));
          }

          @Override
          public void lost() {
            listener.failed(new KeysAnswer.Unavailable("member " + member + " does not answer"));
          }
        });
  }

  private void serve(byte[] body, PeerCalls.Responder responder) {
    EventualWire.Walk walk;
    try {
      walk = EventualWire.decodeWalk(body);
    } catch (CorruptionException | FormatException newer) {
      responder.refuse(
          EventualServices.REFUSED,
          String.valueOf(newer.getMessage()).getBytes(StandardCharsets.UTF_8));
      return;
    }
    here(
        walk,
        new RunListener() {
          @Override
          public void page(KeysAnswer.Page page) {
            responder.answer(EventualWire.encode(page));
          }

          @Override
          public void counted(long keys) {
            responder.answer(ByteBuffer.allocate(Long.BYTES).putLong(keys).array());
          }

          @Override
          public void failed(KeysAnswer why) {
            responder.refuse(
                why instanceof KeysAnswer.Overloaded
                    ? PeerCalls.OVERLOADED
                    : EventualServices.REFUSED,
                why.toString().getBytes(StandardCharsets.UTF_8));
          }
        });
  }
}
