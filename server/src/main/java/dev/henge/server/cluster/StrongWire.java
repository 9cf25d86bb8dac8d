package dev.henge.server.cluster;

import dev.henge.base.FormatException;
import dev.henge.consensus.strong.StrongCommand;
import dev.henge.data.Reply;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.data.codec.ReplyCodec;
import java.io.IOException;

/// Requests for strong groups and their answers between nodes: the body of a call to
/// [StrongService].
///
/// - Request: version (1), kind, level, group, term, index, then the [StrongCommand].
/// - Answer: version (1), index, age, then the reply.
/// - Errors: bytes that are none are an [IOException].
final class StrongWire {
  /// Persisted on the wire. A node that knows less refuses the request.
  private static final int VERSION = 1;

  private StrongWire() {}

  /// @param term in which the receiver must lead; 0 for any
  record Forwarded(StrongRequest request, long term) {}

  record Answered(Reply reply, long index, long ageMillis) {}

  static byte[] encode(StrongRequest request, long term) {
    var out =
        new CodecWriter(128)
            .one(VERSION)
            .one(request.kind().code())
            .one(request.consistency().ordinal())
            .varint(request.group())
            .varint(term)
            .varint(request.index());
    out.raw(command(request).encode());
    return out.toBytes();
  }

  /// What the group's log holds of `request`.
  static StrongCommand command(StrongRequest request) {
    return new StrongCommand(
        request.requestId(),
        request.keyspaceId(),
        request.database(),
        request.limits(),
        request.operation());
  }

  static Forwarded decode(byte[] bytes) throws IOException {
    var in = new CodecReader("request for a strong group", bytes);
    in.version(VERSION);
    StrongRequest.Kind kind = kind(in);
    Consistency consistency = Consistency.values()[in.between(0, 2)];
    long group = in.varint();
    long term = in.varint();
    long index = in.varint();
    StrongCommand command = StrongCommand.decode(in.raw(in.remaining()));
    return new Forwarded(
        new StrongRequest(
            group,
            kind,
            command.keyspaceId(),
            command.database(),
            command.limits(),
            command.operation(),
            consistency,
            command.requestId(),
            index),
        term);
  }

  static byte[] encode(Answered answer) {
    var out = new CodecWriter(64).one(VERSION).varint(answer.index()).varint(answer.ageMillis());
    ReplyCodec.write(answer.reply(), out);
    return out.toBytes();
  }

  /// As the other, or, where that is longer than `bytesMax`, that the answer cannot be brought.
  static byte[] encode(Answered answer, int bytesMax) {
    byte[] whole = encode(answer);
    return whole.length <= bytesMax
        ? whole
        : encode(
            new Answered(
                Failures.answerTooLong(whole.length, bytesMax),
                answer.index(),
                answer.ageMillis()));
  }

  static Answered decodeAnswer(byte[] bytes) throws IOException {
    var in = new CodecReader("answer of a strong group", bytes);
    in.version(VERSION);
    long index = in.varint();
    long ageMillis = in.varint();
    var answer = new Answered(ReplyCodec.read(in), index, ageMillis);
    in.end();
    return answer;
  }

  private static StrongRequest.Kind kind(CodecReader in) throws IOException {
    int code = in.one();
    for (StrongRequest.Kind kind : StrongRequest.Kind.values()) {
      if (kind.code() == code) {
        return kind;
      }
    }
    FormatException unknown = in.unknown("kind of request", code);
    throw unknown;
  }
}
