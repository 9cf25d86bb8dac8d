package dev.henge.server.cluster;

import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.group.PeerTransport;
import dev.henge.server.peer.PeerAddress;
import dev.henge.server.peer.PeerDirectory;
import dev.henge.server.peer.PeerIdentity;
import dev.henge.server.peer.Peers;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// A node's way to other nodes: real sockets, or a simulator's network.
///
/// - Lifetime: opened before the node knows who it is, because a joining node asks through it.
public interface PeerPort extends AutoCloseable {
  /// Opens the port of one node.
  interface Opener {
    PeerPort open(PeerDirectory directory) throws IOException;
  }

  PeerTransport transport();

  /// Where others reach this node.
  PeerAddress address();

  /// Who this node is; once, and nothing is sent before.
  void identify(PeerIdentity self);

  /// Who answers nodes that are no members.
  void onGuest(Peers.GuestService service);

  /// Asks a node at an address, as a guest.
  ///
  /// @return fails with an [IOException] where there is no answer: what was asked may have been
  ///   done
  CompletableFuture<PeerMessage.Answer> ask(
      PeerAddress address, String nodeId, int service, byte[] body, Duration timeout);

  @Override
  void close();
}
