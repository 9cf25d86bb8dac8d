package dev.henge.server.eventual;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.Randomness;
import dev.henge.base.Slots;
import dev.henge.consensus.metadata.Replication;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.hot.HotKeys;
import dev.henge.replication.hot.HotValues;
import dev.henge.replication.membership.Liveness;
import dev.henge.replication.quorum.Answer;
import dev.henge.replication.quorum.Coordinator;
import dev.henge.replication.quorum.Level;
import dev.henge.replication.quorum.Placement;
import dev.henge.replication.quorum.Request;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.server.peer.PeerCalls;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings each request to a node that has a copy of its key: this one, or the first live owner; of
/// a hot key, any live owner. Reads of hot keys that ask for one copy are answered for a moment
/// from what this node remembers.
///
/// - Threads: any.
final class Coordination {
  private static final Logger LOG = LoggerFactory.getLogger(Coordination.class);

  /// What the way there and back may take of a client's time.
  private static final int WAY_PERCENT = 10;

  /// What this node knows and has.
  ///
  /// @param replicas by keyspace id; null where this node has none
  /// @param replications by keyspace id, of keyspaces that there are
  record Parts(
      long self,
      PeerCalls calls,
      Placement placement,
      Liveness liveness,
      Coordinator coordinator,
      IntFunction<@Nullable KeyspaceReplica> replicas,
      IntFunction<@Nullable Replication> replications,
      HotKeys hotKeys,
      HotValues hotValues,
      Randomness randomness) {}

  private final Parts parts;

  Coordination(Parts parts) {
    this.parts = parts;
    parts.calls.serve(
        EventualServices.COORDINATE, (from, body, responder) -> serve(body, responder));
  }

  void execute(
      int keyspaceId, byte[] key, Request request, long timeoutMillis, Consumer<Answer> done) {
    boolean hot = parts.hotKeys.count(keyspaceId, key);
    long[] owners = parts.placement.owners(keyspaceId, Slots.of(key));
    if (here(owners, keyspaceId, key, request, timeoutMillis, done)) {
      return;
    }
    boolean anyCopy = request instanceof Request.Read(Level level) && level.equals(Level.ONE);
    if (!anyCopy) {
      parts.hotValues.forget(keyspaceId, key);
    } else if (hot) {
      Versions remembered = parts.hotValues.get(keyspaceId, key);
      if (remembered != null) {
        done.accept(new Answer.Found(remembered, 1));
        return;
      }
    }
    Consumer<Answer> remembering =
        answer -> {
          if (hot && anyCopy && answer instanceof Answer.Found found) {
            parts.hotValues.put(keyspaceId, key, found.versions());
          }
          done.accept(answer);
        };
    int first = hot && owners.length > 1 ? parts.randomness.nextInt(owners.length) : 0;
    new Forwarding(owners, first, keyspaceId, key, request, timeoutMillis, remembering).next();
  }

  /// Coordinates it here, where this node owns the slot.
  private boolean here(
      long[] owners,
      int keyspaceId,
      byte[] key,
      Request request,
      long timeoutMillis,
      Consumer<Answer> done) {
    for (long owner : owners) {
      if (owner == parts.self) {
        KeyspaceReplica replica = parts.replicas.apply(keyspaceId);
        Replication replication = parts.replications.apply(keyspaceId);
        if (replica != null && replication != null) {
          parts.coordinator.execute(
              new Coordinator.Owned(replica, replication.quorum() == Replication.Quorum.SLOPPY),
              key,
              request,
              timeoutMillis,
              done);
          return true;
        }
      }
    }
    return false;
  }

  private void serve(byte[] body, PeerCalls.Responder responder) {
    EventualWire.Forwarded asked;
    try {
      asked = EventualWire.decodeForwarded(body);
    } catch (CorruptionException | FormatException newer) {
      responder.refuse(
          EventualServices.REFUSED,
          String.valueOf(newer.getMessage()).getBytes(StandardCharsets.UTF_8));
      return;
    }
    long[] owners = parts.placement.owners(asked.keyspaceId(), Slots.of(asked.key()));
    if (!here(
        owners,
        asked.keyspaceId(),
        asked.key(),
        asked.request(),
        asked.timeoutMillis(),
        answer -> responder.answer(EventualWire.encode(answer)))) {
      responder.refuse(EventualServices.NO_COPY, new byte[0]);
    }
  }

  /// One request on its way to some owner.
  private final class Forwarding {
    private final long[] owners;
    private final int first;
    private final int keyspaceId;
    private final byte[] key;
    private final Request request;
    private final long timeoutMillis;
    private final Consumer<Answer> done;

    // Owned by whoever goes on: one thread at a time.
    private int asked;

    /// @param first of the owners to be asked
    Forwarding(
        long[] owners,
        int first,
        int keyspaceId,
        byte[] key,
        Request request,
        long timeoutMillis,
        Consumer<Answer> done) {
      this.owners = owners;
      this.first = first;
      this.keyspaceId = keyspaceId;
      this.key = key;
      this.request = request;
      this.timeoutMillis = timeoutMillis;
      this.done = done;
    }

    /// Asks the next live owner.
    void next() {
      while (asked < owners.length) {
        long owner = owners[(first + asked++) % owners.length];
        if (owner != parts.self && parts.liveness.isUp(owner)) {
          ask(owner);
          return;
        }
      }
      done.accept(new Answer.Unavailable(1, 0));
    }

    private void ask(long owner) {
      long there = Math.max(1, timeoutMillis - timeoutMillis * WAY_PERCENT / 100);
      parts.calls.call(
          owner,
          EventualServices.COORDINATE,
          EventualWire.encode(new EventualWire.Forwarded(keyspaceId, key, request, there)),
          timeoutMillis,
          new PeerCalls.Listener() {
            @Override
            public void answered(byte[] body) {
              Answer answer;
              try {
                answer = EventualWire.decodeAnswer(body);
              } catch (CorruptionException | FormatException newer) {
                LOG.warn("member {} answers what is not understood: {}", owner, newer.getMessage());
                lost();
                return;
              }
              done.accept(answer);
            }

            @Override
            public void refused(int status, byte[] why) {
              if (status == PeerCalls.FAILED) {
                lost();
              } else {
                next();
              }
            }

            @Override
            public void neverLeft() {
              next();
            }

            @Override
            public void lost() {
              done.accept(
                  request instanceof Request.Read
                      ? new Answer.Unavailable(1, 0)
                      : new Answer.Unknown(1, 0));
            }
          });
    }
  }
}
