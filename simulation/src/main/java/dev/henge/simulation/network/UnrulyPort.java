package dev.henge.simulation.network;

import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.group.PeerTransport;
import dev.henge.server.cluster.PeerPort;
import dev.henge.server.peer.PeerAddress;
import dev.henge.server.peer.PeerIdentity;
import dev.henge.server.peer.Peers;
import dev.henge.simulation.world.Incarnation;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;

/// A node's port, except that messages of Raft and of images get lost, come twice and overtake each
/// other while the network is unruly. Calls keep to the promise of [PeerTransport].
///
/// - Threads: the simulation's.
public final class UnrulyPort implements PeerPort, PeerTransport {
  private static final Duration LATE_MAX = Duration.ofMillis(60);

  private final PeerPort port;
  private final PeerTransport transport;
  private final Streams streams;
  private final Incarnation life;

  public UnrulyPort(PeerPort port, Streams streams, Incarnation life) {
    this.port = port;
    this.transport = port.transport();
    this.streams = streams;
    this.life = life;
  }

  @Override
  public void send(long member, PeerMessage message, long deadlineMillis) {
    if (message instanceof PeerMessage.Call || message instanceof PeerMessage.Answer) {
      transport.send(member, message, deadlineMillis);
      return;
    }
    if (streams.chanceToLose()) {
      return;
    }
    if (streams.chanceToDuplicate()) {
      late(member, message, deadlineMillis);
    }
    if (streams.chanceToReorder()) {
      late(member, message, deadlineMillis);
    } else {
      transport.send(member, message, deadlineMillis);
    }
  }

  private void late(long member, PeerMessage message, long deadlineMillis) {
    long nanos = streams.random().between(0, LATE_MAX.toNanos());
    streams
        .world()
        .after(
            Duration.ofNanos(nanos),
            () -> {
              if (life.isAlive()) {
                transport.send(member, message, deadlineMillis);
              }
            });
  }

  @Override
  public void send(long member, PeerMessage message, long deadlineMillis, Runnable neverLeft) {
    transport.send(member, message, deadlineMillis, neverLeft);
  }

  @Override
  public void onReceive(BiConsumer<Long, PeerMessage> receiver) {
    transport.onReceive(receiver);
  }

  @Override
  public void onUnreachable(LongConsumer listener) {
    transport.onUnreachable(listener);
  }

  @Override
  public PeerTransport transport() {
    return this;
  }

  @Override
  public PeerAddress address() {
    return port.address();
  }

  @Override
  public void identify(PeerIdentity self) {
    port.identify(self);
  }

  @Override
  public void onGuest(Peers.GuestService service) {
    port.onGuest(service);
  }

  @Override
  public CompletableFuture<PeerMessage.Answer> ask(
      PeerAddress address, String nodeId, int service, byte[] body, Duration timeout) {
    return port.ask(address, nodeId, service, body, timeout);
  }

  @Override
  public void close() {
    port.close();
  }
}
