package dev.henge.server.cluster;

import dev.henge.base.Clock;
import dev.henge.base.Network;
import dev.henge.base.Randomness;
import dev.henge.base.Threads;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.group.PeerTransport;
import dev.henge.server.peer.GuestCall;
import dev.henge.server.peer.PeerAddress;
import dev.henge.server.peer.PeerDirectory;
import dev.henge.server.peer.PeerIdentity;
import dev.henge.server.peer.PeerOptions;
import dev.henge.server.peer.Peers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// The port over a [Network].
public final class NetworkPeerPort implements PeerPort {
  private final Network network;
  private final Threads threads;
  private final Threads.Pool pool;
  private final Peers peers;
  private final PeerAddress address;

  /// Listens at `host` and `port` (0: any free one).
  public NetworkPeerPort(
      String host,
      int port,
      Network network,
      PeerDirectory directory,
      Clock clock,
      Randomness randomness,
      Threads threads)
      throws IOException {
    this.network = network;
    this.threads = threads;
    this.peers = new Peers(PeerOptions.defaults(), network, directory, clock, randomness, threads);
    try {
      this.address =
          new PeerAddress(host, peers.listen(new InetSocketAddress(host, port)).getPort());
    } catch (IOException | RuntimeException e) {
      peers.close();
      throw e;
    }
    this.pool = threads.pool("join", 1, 16);
  }

  @Override
  public PeerTransport transport() {
    return peers;
  }

  @Override
  public PeerAddress address() {
    return address;
  }

  @Override
  public void identify(PeerIdentity self) {
    peers.identify(self);
  }

  @Override
  public void onGuest(Peers.GuestService service) {
    peers.onGuest(service);
  }

  @Override
  public CompletableFuture<PeerMessage.Answer> ask(
      PeerAddress target, String nodeId, int service, byte[] body, Duration timeout) {
    var resolved = new InetSocketAddress(target.host(), target.port());
    return resolved.isUnresolved()
        ? CompletableFuture.failedFuture(
            new UnknownHostException("host '" + target.host() + "' is not known"))
        : GuestCall.ask(network, threads, pool, resolved, nodeId, service, body, timeout);
  }

  @Override
  public void close() {
    peers.close();
    pool.close();
  }
}
