package dev.henge.server.cluster;

import dev.henge.data.Reply;
import dev.henge.server.peer.PeerCalls;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Does requests that other nodes forward: this node leads the group, or says who does.
///
/// - Threads: the transport's; requests of one connection are begun in the order in which they
///   came.
final class StrongService {
  /// Of the service. On the wire: never renumber.
  static final int NUMBER = 16;

  /// The receiver does not lead the group; the body is the member number of who does.
  static final int MOVED = PeerCalls.FIRST_OF_SERVICES;

  /// Whether it was done cannot be known.
  static final int UNKNOWN = PeerCalls.FIRST_OF_SERVICES + 1;

  /// It was refused for good; the body is a reply.
  static final int REFUSED = PeerCalls.FIRST_OF_SERVICES + 2;

  /// Longest answer to another node: below a frame's limit, which would drop it.
  private static final int ANSWER_BYTES_MAX = 128 << 20;

  private final StrongExecution execution;

  StrongService(StrongExecution execution) {
    this.execution = execution;
  }

  void serve(long from, byte[] body, PeerCalls.Responder responder) {
    StrongWire.Forwarded forwarded;
    try {
      forwarded = StrongWire.decode(body);
    } catch (IOException newer) {
      refuse(
          new Reply.Failure(
              "ERR",
              "the group's leader does not understand the request, upgrade it: "
                  + newer.getMessage()),
          responder);
      return;
    }
    execution.execute(
        forwarded.request(),
        forwarded.term(),
        new Attempt() {
          @Override
          public void answered(Reply reply, long index, long ageMillis) {
            var answer = new StrongWire.Answered(reply, index, ageMillis);
            responder.answer(StrongWire.encode(answer, ANSWER_BYTES_MAX));
          }

          @Override
          public void moved(long leader) {
            responder.refuse(MOVED, ByteBuffer.allocate(Long.BYTES).putLong(leader).array());
          }

          @Override
          public void refused(Reply.Failure why) {
            refuse(why, responder);
          }

          @Override
          public void unknown() {
            responder.refuse(UNKNOWN, new byte[0]);
          }
        });
  }

  private static void refuse(Reply.Failure why, PeerCalls.Responder responder) {
    responder.refuse(REFUSED, StrongWire.encode(new StrongWire.Answered(why, 0, 0)));
  }
}
