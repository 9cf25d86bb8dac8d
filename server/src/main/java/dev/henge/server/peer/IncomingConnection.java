package dev.henge.server.peer;

import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.server.peer.wire.Hello;
import dev.henge.server.peer.wire.Welcome;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// A connection that another node has opened: it greets, is let in or refused, and sends messages.
/// A guest may only ask, one question at a time.
///
/// - Threads: its event thread, except [#tick], [#close] and the answer to a guest.
final class IncomingConnection implements ConnectionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(IncomingConnection.class);

  /// Longest question of a guest.
  private static final int GUEST_BYTES_MAX = 64 << 10;

  /// For so long a guest's connection stays while its question is being answered.
  private static final long ANSWER_NANOS_MAX = 60_000_000_000L;

  private final Peers peers;
  private final Connection connection;
  private final Frames frames = new Frames(Handshake.BYTES_MAX);

  // owned by the event thread
  private @Nullable Hello hello;
  private boolean asking;
  private boolean closing;
  private long heardNanos;

  IncomingConnection(Peers peers, Connection connection) {
    this.peers = peers;
    this.connection = connection;
    this.heardNanos = peers.clock().monotonicNanos();
  }

  void tick() {
    connection.execute(this::ticked);
  }

  void close() {
    connection.close();
  }

  @Override
  public void received(ByteBuffer bytes) {
    if (closing) {
      return;
    }
    heardNanos = peers.clock().monotonicNanos();
    try {
      frames.read(bytes, this::frame);
    } catch (BadFrameException broken) {
      end(String.valueOf(broken.getMessage()));
    }
  }

  @Override
  public void receiveComplete() {}

  @Override
  public void inputEnded() {
    connection.close();
  }

  @Override
  public void writabilityChanged() {}

  @Override
  public void closed() {
    closing = true;
    peers.gone(this, hello == null ? 0 : hello.getFrom());
  }

  private void frame(byte[] payload, int length) throws BadFrameException {
    if (closing) {
      return;
    }
    Hello greeted = hello;
    if (greeted == null) {
      greet(Handshake.readHello(payload, length));
      return;
    }
    Envelope envelope = PeerCodec.decode(payload, 0, length);
    PeerMessage message = envelope.message();
    if (Handshake.isGuest(greeted)) {
      if (!(message instanceof PeerMessage.Call call) || asking) {
        throw new BadFrameException("a guest asks one question at a time, nothing else");
      }
      asking = true;
      peers.asked(call, answer -> connection.execute(() -> answer(answer)));
      return;
    }
    PeerIdentity self = peers.identity();
    if (envelope.cluster() != self.clusterHash()
        || envelope.from() != greeted.getFrom()
        || envelope.to() != self.member()
        || envelope.incarnation() != greeted.getIncarnation()) {
      throw new BadFrameException("a message of another sender, receiver or cluster");
    }
    peers.heardEpoch(envelope.from(), envelope.epoch());
    if (message != null) {
      peers.receive(envelope.from(), message);
    } else {
      write(peers.frame(envelope.from(), null, 0));
    }
  }

  private void greet(Hello greeting) {
    Welcome refusal = peers.admit(greeting, this);
    if (refusal != null) {
      // Who was removed comes again as long as its process runs: that is told once.
      LOG.atLevel(peers.isNews(greeting.getFrom(), refusal.getReason()) ? Level.WARN : Level.DEBUG)
          .log(
              "{} is refused as member {}: {}",
              connection.remoteAddress(),
              greeting.getFrom(),
              refusal.getReason());
      write(Handshake.opening(refusal));
      closing = true;
      connection.close();
      return;
    }
    hello = greeting;
    frames.bytesMax(
        Handshake.isGuest(greeting) ? GUEST_BYTES_MAX : peers.options().frameBytesMax());
    write(Handshake.opening(Handshake.welcome(peers.identity(), peers.directory().epoch())));
  }

  private void answer(PeerMessage.Answer answer) {
    asking = false;
    if (!closing) {
      write(peers.guestFrame(answer));
    }
  }

  private void ticked() {
    long silentNanos = peers.clock().monotonicNanos() - heardNanos;
    Hello greeted = hello;
    // A member's signs of life come often: what is silent for twice the limit is dead on both
    // sides.
    long allowedNanos = asking ? ANSWER_NANOS_MAX : 2 * peers.options().lifeTimeout().toNanos();
    if (silentNanos > allowedNanos) {
      end("nothing was heard for " + silentNanos / 1_000_000 + " ms");
    } else if (greeted != null && !Handshake.isGuest(greeted) && !peers.mayStay(greeted)) {
      end("member " + greeted.getFrom() + " has been removed");
    }
  }

  private void write(byte[] frame) {
    if (!connection.writable()) {
      end("answers are not taken");
      return;
    }
    connection.write(frame, 0, frame.length);
    connection.flush();
  }

  private void end(String why) {
    LOG.info("connection from {} is closed: {}", connection.remoteAddress(), why);
    closing = true;
    connection.close();
  }
}
