package dev.henge.server.peer;

import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import dev.henge.server.peer.wire.Refusal;
import java.nio.ByteBuffer;

/// A connection that this node has opened to a member: it greets, then carries messages one way.
/// Back come the welcome and signs of life.
///
/// - Threads: its event thread, except [#wake], [#tick] and [#close].
final class OutgoingConnection implements ConnectionHandler {
  private final PeerLink link;
  private final Connection connection;
  private final Frames frames = new Frames(Handshake.BYTES_MAX);
  private final Runnable drain = this::drain;

  // owned by the event thread
  private boolean welcomed;
  private String why = "the connection was closed";
  private long heardNanos;

  OutgoingConnection(PeerLink link, Connection connection) {
    this.link = link;
    this.connection = connection;
    this.heardNanos = now();
    if (link.opened(this)) {
      Peers peers = link.peers();
      byte[] hello =
          Handshake.opening(
              Handshake.hello(peers.identity(), link.member(), peers.directory().epoch()));
      connection.write(hello, 0, hello.length);
      connection.flush();
    } else {
      connection.close();
    }
  }

  /// Something waits to be sent.
  void wake() {
    connection.execute(drain);
  }

  /// @param moved whether the member is now found elsewhere
  void tick(boolean moved) {
    connection.execute(() -> ticked(moved));
  }

  void close() {
    connection.close();
  }

  @Override
  public void received(ByteBuffer bytes) {
    heardNanos = now();
    try {
      frames.read(bytes, this::frame);
    } catch (BadFrameException broken) {
      fail(String.valueOf(broken.getMessage()));
    }
  }

  @Override
  public void receiveComplete() {}

  @Override
  public void inputEnded() {
    connection.close();
  }

  @Override
  public void writabilityChanged() {
    if (welcomed && connection.writable()) {
      drain();
    }
  }

  @Override
  public void closed() {
    link.failed(this, why);
  }

  private void frame(byte[] payload, int length) throws BadFrameException {
    Peers peers = link.peers();
    if (welcomed) {
      Envelope envelope = PeerCodec.decode(payload, 0, length);
      if (envelope.from() != link.member() || envelope.message() != null) {
        throw new BadFrameException("a message where only signs of life are sent");
      }
      peers.heardEpoch(link.member(), envelope.epoch());
      return;
    }
    var welcome = Handshake.readWelcome(payload, length);
    String refused = Handshake.unwelcome(welcome, link.member(), peers.directory());
    if (refused != null) {
      if (welcome.getRefusal() == Refusal.REFUSAL_BARRED) {
        peers.directory().removed(link.member());
      }
      fail(refused);
      return;
    }
    welcomed = true;
    peers.heardEpoch(link.member(), welcome.getEpoch());
    if (link.ready(this)) {
      drain();
    } else {
      connection.close();
    }
  }

  private void drain() {
    if (welcomed) {
      link.drain(this, connection);
    }
  }

  private void ticked(boolean moved) {
    PeerOptions options = link.peers().options();
    long silentNanos = now() - heardNanos;
    long allowedNanos = (welcomed ? options.lifeTimeout() : options.connectTimeout()).toNanos();
    if (moved) {
      fail("its address has changed");
    } else if (silentNanos > allowedNanos) {
      fail("nothing was heard for " + silentNanos / 1_000_000 + " ms");
    } else if (welcomed) {
      byte[] sign = link.peers().frame(link.member(), null, 0);
      connection.write(sign, 0, sign.length);
      connection.flush();
    }
  }

  private void fail(String reason) {
    why = reason;
    connection.close();
  }

  private long now() {
    return link.peers().clock().monotonicNanos();
  }
}
