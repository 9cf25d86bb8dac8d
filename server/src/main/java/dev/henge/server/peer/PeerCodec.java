package dev.henge.server.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.server.peer.wire.Answer;
import dev.henge.server.peer.wire.Call;
import dev.henge.server.peer.wire.GroupMessages;
import dev.henge.server.peer.wire.SnapshotChunk;
import dev.henge.server.peer.wire.SnapshotRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// Turns what nodes say to each other into bytes and back: `peer.proto`, format version 1.
///
/// - Shape: the bytes of entries, calls and chunks are written from where they lie and copied once
///   when they are read.
/// - Threads: pure functions.
/// - Errors: bytes that are no message of this format are a [BadFrameException].
public final class PeerCodec {
  /// What this program speaks. A format that older nodes would misunderstand raises it.
  public static final int FORMAT_VERSION = 1;

  private PeerCodec() {}

  /// The bytes of `envelope`, behind `room` bytes that are left free for a header.
  public static byte[] encode(Envelope envelope, int room) {
    dev.henge.server.peer.wire.Envelope message = wire(envelope);
    byte[] bytes = new byte[room + message.getSerializedSize()];
    var out = CodedOutputStream.newInstance(bytes, room, bytes.length - room);
    try {
      message.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException("an array takes what it was made for", e);
    }
    out.checkNoSpaceLeft();
    return bytes;
  }

  /// The envelope in `length` bytes from `offset` on, which must not change while it is in use.
  public static Envelope decode(byte[] bytes, int offset, int length) throws BadFrameException {
    try {
      CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes, offset, length).newCodedInput();
      in.enableAliasing(true);
      return envelope(dev.henge.server.peer.wire.Envelope.parseFrom(in));
    } catch (BadFrameException e) {
      throw e;
    } catch (InvalidProtocolBufferException e) {
      throw new BadFrameException("not a message between nodes: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("an array can be read", e);
    }
  }

  private static dev.henge.server.peer.wire.Envelope wire(Envelope envelope) {
    var builder =
        dev.henge.server.peer.wire.Envelope.newBuilder()
            .setCluster(envelope.cluster())
            .setFrom(envelope.from())
            .setTo(envelope.to())
            .setIncarnation(envelope.incarnation())
            .setEpoch(envelope.epoch())
            .setDeadlineMillis(envelope.deadlineMillis());
    PeerMessage message = envelope.message();
    if (message == null) {
      return builder.build();
    }
    switch (message) {
      case PeerMessage.GroupMessages groups -> {
        var all = GroupMessages.newBuilder();
        for (PeerMessage.GroupMessage one : groups.messages()) {
          all.addMessages(RaftCodec.wire(one, envelope.from(), envelope.to()));
        }
        builder.setGroups(all);
      }
      case PeerMessage.SnapshotRequest request ->
          builder.setSnapshotRequest(
              SnapshotRequest.newBuilder()
                  .setGroup(request.group())
                  .setMark(mark(request.mark()))
                  .setImage(request.image())
                  .setPosition(wrap(request.position())));
      case PeerMessage.SnapshotChunk chunk ->
          builder.setSnapshotChunk(
              SnapshotChunk.newBuilder()
                  .setGroup(chunk.group())
                  .setMark(mark(chunk.mark()))
                  .setImage(chunk.image())
                  .setPosition(wrap(chunk.position()))
                  .setData(wrap(chunk.bytes()))
                  .setChecksum(chunk.checksum())
                  .setNext(wrap(chunk.next()))
                  .setLast(chunk.last()));
      case PeerMessage.Call call ->
          builder.setCall(
              Call.newBuilder()
                  .setNumber(call.number())
                  .setService(call.service())
                  .setBody(wrap(call.body())));
      case PeerMessage.Answer answer ->
          builder.setAnswer(
              Answer.newBuilder()
                  .setNumber(answer.number())
                  .setStatus(answer.status())
                  .setBody(wrap(answer.body())));
    }
    return builder.build();
  }

  private static Envelope envelope(dev.henge.server.peer.wire.Envelope wire)
      throws BadFrameException {
    PeerMessage message =
        switch (wire.getBodyCase()) {
          case GROUPS -> {
            List<PeerMessage.GroupMessage> all =
                new ArrayList<>(wire.getGroups().getMessagesCount());
            for (var one : wire.getGroups().getMessagesList()) {
              all.add(RaftCodec.message(one, wire.getFrom(), wire.getTo()));
            }
            yield new PeerMessage.GroupMessages(all);
          }
          case SNAPSHOT_REQUEST -> {
            SnapshotRequest request = wire.getSnapshotRequest();
            yield new PeerMessage.SnapshotRequest(
                request.getGroup(),
                mark(request.getMark()),
                request.getImage(),
                request.getPosition().toByteArray());
          }
          case SNAPSHOT_CHUNK -> {
            SnapshotChunk chunk = wire.getSnapshotChunk();
            yield new PeerMessage.SnapshotChunk(
                chunk.getGroup(),
                mark(chunk.getMark()),
                chunk.getImage(),
                chunk.getPosition().toByteArray(),
                chunk.getData().toByteArray(),
                chunk.getChecksum(),
                chunk.getNext().toByteArray(),
                chunk.getLast());
          }
          case CALL -> {
            Call call = wire.getCall();
            yield new PeerMessage.Call(
                call.getNumber(), call.getService(), call.getBody().toByteArray());
          }
          case ANSWER -> {
            Answer answer = wire.getAnswer();
            yield new PeerMessage.Answer(
                answer.getNumber(), answer.getStatus(), answer.getBody().toByteArray());
          }
          case BODY_NOT_SET -> null;
        };
    return new Envelope(
        wire.getCluster(),
        wire.getFrom(),
        wire.getTo(),
        wire.getIncarnation(),
        wire.getEpoch(),
        wire.getDeadlineMillis(),
        message);
  }

  static dev.henge.server.peer.wire.SnapshotMark mark(SnapshotMark mark) {
    Configuration members = mark.configuration();
    return dev.henge.server.peer.wire.SnapshotMark.newBuilder()
        .setIndex(mark.index())
        .setTerm(mark.term())
        .addAllVoters(members.voters())
        .addAllOutgoing(members.outgoing())
        .addAllLearners(members.learners())
        .build();
  }

  static SnapshotMark mark(dev.henge.server.peer.wire.SnapshotMark mark) {
    return new SnapshotMark(
        mark.getIndex(),
        mark.getTerm(),
        new Configuration(
            sorted(mark.getVotersList()),
            sorted(mark.getOutgoingList()),
            sorted(mark.getLearnersList())));
  }

  private static SortedSet<Long> sorted(List<Long> members) {
    return new TreeSet<>(members);
  }

  /// Borrowed: the message is written before anybody else has the array.
  static ByteString wrap(byte[] bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes);
  }
}
