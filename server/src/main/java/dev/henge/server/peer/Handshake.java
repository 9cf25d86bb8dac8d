package dev.henge.server.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.henge.server.peer.wire.Hello;
import dev.henge.server.peer.wire.Refusal;
import dev.henge.server.peer.wire.Welcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// The first frame in each direction: who is there, and whether they may talk.
///
/// - Threads: pure functions.
final class Handshake {
  /// Longest frame of a handshake.
  static final int BYTES_MAX = 4 << 10;

  static final int ID_BYTES = 16;

  private Handshake() {}

  /// What a member says to whom it takes for member `to`.
  static Hello hello(PeerIdentity self, long to, long epoch) {
    return Hello.newBuilder()
        .setFormatMin(PeerCodec.FORMAT_VERSION)
        .setFormatMax(PeerCodec.FORMAT_VERSION)
        .setClusterId(id(self.clusterId()))
        .setFrom(self.member())
        .setTo(to)
        .setNodeId(id(self.nodeId()))
        .setIncarnation(self.incarnation())
        .setEpoch(epoch)
        .setHost(self.address().host())
        .setPort(self.address().port())
        .build();
  }

  /// What a node says that is no member.
  static Hello guest(String nodeId) {
    return Hello.newBuilder()
        .setFormatMin(PeerCodec.FORMAT_VERSION)
        .setFormatMax(PeerCodec.FORMAT_VERSION)
        .setNodeId(id(nodeId))
        .build();
  }

  static boolean isGuest(Hello hello) {
    return hello.getFrom() == 0;
  }

  static String nodeId(Hello hello) {
    return HexFormat.of().formatHex(hello.getNodeId().toByteArray());
  }

  /// Why `hello` is refused at `self`; null where it is not.
  ///
  /// @param incarnationSeen the newest of the sender's that has been seen
  static @Nullable Welcome refusal(
      Hello hello, @Nullable PeerIdentity self, PeerDirectory directory, long incarnationSeen) {
    if (hello.getFormatMin() > PeerCodec.FORMAT_VERSION
        || hello.getFormatMax() < PeerCodec.FORMAT_VERSION) {
      return refusal(
          Refusal.REFUSAL_FORMAT,
          "this node speaks format "
              + PeerCodec.FORMAT_VERSION
              + " of the peers' protocol, the other "
              + hello.getFormatMin()
              + " to "
              + hello.getFormatMax()
              + ": upgrade the older one");
    }
    if (self == null) {
      return refusal(Refusal.REFUSAL_NOT_READY, "this node is not a member of a cluster yet");
    }
    if (isGuest(hello)) {
      return null;
    }
    if (!hello.getClusterId().equals(id(self.clusterId()))) {
      return refusal(
          Refusal.REFUSAL_CLUSTER,
          "this node belongs to cluster " + self.clusterId() + ", not to yours");
    }
    if (hello.getTo() != self.member()) {
      return refusal(
          Refusal.REFUSAL_RECEIVER,
          "this is member " + self.member() + ", not member " + hello.getTo());
    }
    return switch (directory.standing(hello.getFrom(), nodeId(hello))) {
      case BARRED ->
          refusal(
              Refusal.REFUSAL_BARRED,
              "member "
                  + hello.getFrom()
                  + " was removed from the cluster and cannot come back:"
                  + " join with an empty data directory");
      case IMPOSTOR ->
          refusal(
              Refusal.REFUSAL_SENDER,
              "member " + hello.getFrom() + " is another node than " + nodeId(hello));
      case MEMBER, UNKNOWN ->
          hello.getIncarnation() < incarnationSeen
              ? refusal(
                  Refusal.REFUSAL_INCARNATION,
                  "member " + hello.getFrom() + " has been started again since: two processes?")
              : null;
    };
  }

  static Welcome welcome(PeerIdentity self, long epoch) {
    return Welcome.newBuilder()
        .setFormat(PeerCodec.FORMAT_VERSION)
        .setFrom(self.member())
        .setNodeId(id(self.nodeId()))
        .setIncarnation(self.incarnation())
        .setEpoch(epoch)
        .build();
  }

  /// Why an answer is not taken; null where the two may talk.
  ///
  /// @param member who should answer; 0 for anybody
  static @Nullable String unwelcome(Welcome welcome, long member, PeerDirectory directory) {
    if (welcome.getRefusal() != Refusal.REFUSAL_NONE || welcome.getFormat() == 0) {
      return "refused: " + welcome.getReason();
    }
    if (welcome.getFormat() != PeerCodec.FORMAT_VERSION) {
      return "answered with format " + welcome.getFormat() + " of the peers' protocol";
    }
    if (member == 0) {
      return null;
    }
    String nodeId = HexFormat.of().formatHex(welcome.getNodeId().toByteArray());
    return welcome.getFrom() != member
            || directory.standing(member, nodeId) == PeerDirectory.Standing.IMPOSTOR
        ? "another node is there: member " + welcome.getFrom() + ", " + nodeId
        : null;
  }

  /// A frame, the preamble before it.
  static byte[] opening(MessageLite message) {
    int before = Frames.PREAMBLE.length;
    byte[] frame = new byte[Frames.HEADER_BYTES + message.getSerializedSize()];
    try {
      var out =
          CodedOutputStream.newInstance(
              frame, Frames.HEADER_BYTES, frame.length - Frames.HEADER_BYTES);
      message.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException("an array takes what it was made for", e);
    }
    Frames.seal(frame);
    byte[] all = new byte[before + frame.length];
    System.arraycopy(Frames.PREAMBLE, 0, all, 0, before);
    System.arraycopy(frame, 0, all, before, frame.length);
    return all;
  }

  static Hello readHello(byte[] payload, int length) throws BadFrameException {
    try {
      Hello hello = Hello.parser().parseFrom(payload, 0, length);
      int clusterBytes = hello.getClusterId().size();
      boolean guest = isGuest(hello);
      if (hello.getNodeId().size() != ID_BYTES
          || clusterBytes != (guest ? 0 : ID_BYTES)
          || hello.getPort() < 0
          || hello.getPort() > 0xffff
          || hello.getFrom() < 0) {
        throw new BadFrameException("a greeting with ids that are none");
      }
      return hello;
    } catch (InvalidProtocolBufferException e) {
      throw new BadFrameException("not a greeting: " + e.getMessage(), e);
    }
  }

  static Welcome readWelcome(byte[] payload, int length) throws BadFrameException {
    try {
      return Welcome.parser().parseFrom(payload, 0, length);
    } catch (InvalidProtocolBufferException e) {
      throw new BadFrameException("not an answer to a greeting: " + e.getMessage(), e);
    }
  }

  private static Welcome refusal(Refusal why, String reason) {
    return Welcome.newBuilder().setRefusal(why).setReason(reason).build();
  }

  private static ByteString id(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }
}
