package dev.henge.server.eventual;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.Threads;
import dev.henge.data.codec.CodecReader;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.quorum.RemoteReplicas;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.replication.replica.Outcome;
import dev.henge.server.peer.PeerCalls;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.EngineException;
import dev.henge.storage.NotInMemoryException;
import dev.henge.storage.WriteRefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does with this node's copies what coordinators on other nodes ask.
///
/// - Threads: the transport's; what needs the disk goes to the pool.
final class ReplicaService {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaService.class);

  private final IntFunction<@Nullable KeyspaceReplica> replicas;
  private final Threads.Pool blocking;
  private final Hints hints;

  /// @param replicas by keyspace id; null where this node has none
  ReplicaService(
      IntFunction<@Nullable KeyspaceReplica> replicas, Threads.Pool blocking, Hints hints) {
    this.replicas = replicas;
    this.blocking = blocking;
    this.hints = hints;
  }

  void serve(PeerCalls calls) {
    calls.serve(EventualServices.MERGE, (from, body, responder) -> merge(body, responder));
    calls.serve(EventualServices.FETCH, (from, body, responder) -> fetch(body, responder));
    calls.serve(EventualServices.HINT, (from, body, responder) -> hint(body, responder));
  }

  /// One call, with what it may read.
  private interface Work {
    void run(Access access) throws IOException;
  }

  private void merge(byte[] body, PeerCalls.Responder responder) {
    run(
        responder,
        access -> {
          EventualWire.Copy copy = EventualWire.decodeCopy(body);
          KeyspaceReplica replica = replicas.apply(copy.keyspaceId());
          if (replica == null) {
            responder.refuse(EventualServices.NO_COPY, new byte[0]);
            return;
          }
          Versions versions = StoredVersions.decode(copy.stored());
          switch (replica.merge(copy.key(), versions, access)) {
            case Outcome.Done done ->
                replica.engine().whenAcknowledged(done.sequence(), new Durable(responder));
            case Outcome.Refused(Outcome.Refusal why) -> refuse(responder, why.name());
          }
        });
  }

  private void fetch(byte[] body, PeerCalls.Responder responder) {
    run(
        responder,
        access -> {
          var reader = new CodecReader("a fetch by another node", body);
          int keyspaceId = reader.between(0, Integer.MAX_VALUE);
          KeyspaceReplica replica = replicas.apply(keyspaceId);
          if (replica == null) {
            responder.refuse(EventualServices.NO_COPY, new byte[0]);
            return;
          }
          byte[] stored = replica.stored(reader.raw(reader.remaining()), access);
          responder.answer(stored == null ? new byte[0] : stored);
        });
  }

  private void hint(byte[] body, PeerCalls.Responder responder) {
    EventualWire.Copy copy;
    try {
      copy = EventualWire.decodeCopy(body);
    } catch (CorruptionException damaged) {
      refuse(responder, String.valueOf(damaged.getMessage()));
      return;
    }
    hints.take(
        copy.target(),
        copy.keyspaceId(),
        copy.key(),
        copy.stored(),
        new RemoteReplicas.Stored() {
          @Override
          public void stored() {
            responder.answer(new byte[0]);
          }

          @Override
          public void refused() {
            refuse(responder, "no room for hints");
          }

          @Override
          public void lost() {
            responder.refuse(PeerCalls.FAILED, new byte[0]);
          }
        });
  }

  private void run(PeerCalls.Responder responder, Work work) {
    try {
      run(responder, work, Access.MEMORY);
    } catch (NotInMemoryException needsTheDisk) {
      try {
        blocking.execute(() -> run(responder, work, Access.DISK));
      } catch (RejectedExecutionException full) {
        responder.refuse(PeerCalls.OVERLOADED, new byte[0]);
      }
    }
  }

  private static void run(PeerCalls.Responder responder, Work work, Access access) {
    try {
      work.run(access);
    } catch (WriteRefusedException | FormatException | CorruptionException refused) {
      refuse(responder, String.valueOf(refused.getMessage()));
    } catch (EngineException | IOException failed) {
      LOG.error("a copy could not be read", failed);
      refuse(responder, String.valueOf(failed.getMessage()));
    }
  }

  private static void refuse(PeerCalls.Responder responder, String why) {
    responder.refuse(EventualServices.REFUSED, why.getBytes(StandardCharsets.UTF_8));
  }

  /// Answers when what was merged is durable.
  private record Durable(PeerCalls.Responder responder) implements Engine.AcknowledgeListener {
    @Override
    public void acknowledged() {
      responder.answer(new byte[0]);
    }

    @Override
    public void unknown(WriteRefusedException stopped) {
      responder.refuse(PeerCalls.FAILED, new byte[0]);
    }
  }
}
