package dev.henge.server.eventual;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.data.codec.CodecWriter;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.quorum.RemoteReplicas;
import dev.henge.server.peer.PeerCalls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies on other nodes, by calls over the peers' connections.
///
/// - Threads: any.
final class PeerReplicas implements RemoteReplicas {
  private static final Logger LOG = LoggerFactory.getLogger(PeerReplicas.class);

  private final long self;
  private final PeerCalls calls;
  private final Hints ownHints;

  /// @param ownHints takes hints that stay with this node
  PeerReplicas(long self, PeerCalls calls, Hints ownHints) {
    this.self = self;
    this.calls = calls;
    this.ownHints = ownHints;
  }

  @Override
  public void merge(
      long member,
      int keyspaceId,
      byte[] key,
      byte[] stored,
      long deadlineMillis,
      Stored listener) {
    calls.call(
        member,
        EventualServices.MERGE,
        EventualWire.encode(new EventualWire.Copy(0, keyspaceId, key, stored)),
        deadlineMillis,
        new StoredThere(listener));
  }

  @Override
  public void hint(
      long standIn,
      long target,
      int keyspaceId,
      byte[] key,
      byte[] stored,
      long deadlineMillis,
      Stored listener) {
    if (standIn == self) {
      ownHints.take(target, keyspaceId, key, stored, listener);
      return;
    }
    calls.call(
        standIn,
        EventualServices.HINT,
        EventualWire.encode(new EventualWire.Copy(target, keyspaceId, key, stored)),
        deadlineMillis,
        new StoredThere(listener));
  }

  @Override
  public void fetch(
      long member, int keyspaceId, byte[] key, long deadlineMillis, Fetched listener) {
    byte[] body = new CodecWriter(key.length + 5).varint(keyspaceId).raw(key).toBytes();
    calls.call(
        member,
        EventualServices.FETCH,
        body,
        deadlineMillis,
        new PeerCalls.Listener() {
          @Override
          public void answered(byte[] answer) {
            Versions versions;
            try {
              versions = answer.length == 0 ? Versions.NONE : StoredVersions.decode(answer);
            } catch (CorruptionException | FormatException e) {
              LOG.warn("member {} answers what is not understood: {}", member, e.getMessage());
              listener.failed();
              return;
            }
            listener.fetched(versions);
          }

          @Override
          public void refused(int status, byte[] why) {
            listener.failed();
          }

          @Override
          public void lost() {
            listener.failed();
          }
        });
  }

  /// Tells what became of a copy elsewhere.
  private record StoredThere(Stored listener) implements PeerCalls.Listener {
    @Override
    public void answered(byte[] body) {
      listener.stored();
    }

    @Override
    public void refused(int status, byte[] why) {
      if (status == PeerCalls.FAILED) {
        listener.lost();
      } else {
        listener.refused();
      }
    }

    @Override
    public void neverLeft() {
      listener.refused();
    }

    @Override
    public void lost() {
      listener.lost();
    }
  }
}
