package dev.henge.server.peer;

import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import dev.henge.base.Network;
import dev.henge.base.Threads;
import dev.henge.consensus.group.PeerMessage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One question to a node at an address, by a node that is no member (yet): how joining begins.
///
/// - Threads: its event thread; the future is completed there or on the pool.
public final class GuestCall implements ConnectionHandler {
  /// Longest answer.
  private static final int ANSWER_BYTES_MAX = 16 << 20;

  private final String nodeId;
  private final PeerMessage.Call call;
  private final CompletableFuture<PeerMessage.Answer> result;
  private final Frames frames = new Frames(Handshake.BYTES_MAX);

  // owned by the event thread
  private @Nullable Connection connection;
  private boolean welcomed;

  private GuestCall(
      String nodeId, PeerMessage.Call call, CompletableFuture<PeerMessage.Answer> result) {
    this.nodeId = nodeId;
    this.call = call;
    this.result = result;
  }

  /// Asks `service` of the node at `address`, whose name is resolved already.
  ///
  /// @param nodeId the asking node's identity
  /// @param pool runs the timeout
  /// @return fails with an [IOException] that says why there is no answer; what was asked may have
  ///   been done nevertheless
  public static CompletableFuture<PeerMessage.Answer> ask(
      Network network,
      Threads threads,
      Threads.Pool pool,
      InetSocketAddress address,
      String nodeId,
      int service,
      byte[] body,
      Duration timeout) {
    var result = new CompletableFuture<PeerMessage.Answer>();
    var asking = new GuestCall(nodeId, new PeerMessage.Call(1, service, body), result);
    Threads.Timer timer =
        threads.after(
            timeout,
            pool,
            () -> result.completeExceptionally(new IOException("no answer from " + address)));
    network.connect(address, timeout, asking::open, result::completeExceptionally);
    result.whenComplete((answer, error) -> timer.cancel());
    return result;
  }

  @Override
  public void received(ByteBuffer bytes) {
    try {
      frames.read(bytes, this::frame);
    } catch (BadFrameException broken) {
      fail(broken);
    }
  }

  @Override
  public void receiveComplete() {}

  @Override
  public void inputEnded() {
    closed();
  }

  @Override
  public void writabilityChanged() {}

  @Override
  public void closed() {
    fail(new IOException("the connection was closed before an answer came"));
  }

  private ConnectionHandler open(Connection opened) {
    connection = opened;
    result.whenComplete((answer, error) -> opened.close());
    write(opened, Handshake.opening(Handshake.guest(nodeId)));
    return this;
  }

  private void frame(byte[] payload, int length) throws BadFrameException {
    Connection opened = connection;
    if (opened == null) {
      return;
    }
    if (welcomed) {
      if (PeerCodec.decode(payload, 0, length).message() instanceof PeerMessage.Answer answer) {
        result.complete(answer);
      } else {
        throw new BadFrameException("no answer to what was asked");
      }
      return;
    }
    var welcome = Handshake.readWelcome(payload, length);
    String refused = Handshake.unwelcome(welcome, 0, NOBODY);
    if (refused != null) {
      fail(new IOException(refused));
      return;
    }
    welcomed = true;
    frames.bytesMax(ANSWER_BYTES_MAX);
    write(
        opened,
        Frames.seal(PeerCodec.encode(new Envelope(0, 0, 0, 0, 0, 0, call), Frames.HEADER_BYTES)));
  }

  private void fail(IOException why) {
    result.completeExceptionally(why);
  }

  private static void write(Connection to, byte[] frame) {
    to.write(frame, 0, frame.length);
    to.flush();
  }

  /// A guest knows no members.
  private static final PeerDirectory NOBODY =
      new PeerDirectory() {
        @Override
        public @Nullable PeerAddress address(long member) {
          return null;
        }

        @Override
        public Standing standing(long member, String nodeId) {
          return Standing.UNKNOWN;
        }

        @Override
        public long epoch() {
          return 0;
        }

        @Override
        public void newerEpoch(long member, long epoch) {}

        @Override
        public void removed(long by) {}
      };
}
