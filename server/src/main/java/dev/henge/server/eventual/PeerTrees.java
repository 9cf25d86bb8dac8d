package dev.henge.server.eventual;

import dev.henge.base.Threads;
import dev.henge.replication.antientropy.TreePeers;
import dev.henge.replication.antientropy.TreeService;
import dev.henge.server.peer.PeerCalls;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;

/// Hash trees of other nodes' copies, by calls over the peers' connections.
///
/// - Threads: any.
final class PeerTrees implements TreePeers {
  private final PeerCalls calls;

  PeerTrees(PeerCalls calls) {
    this.calls = calls;
  }

  /// Has other nodes' questions answered on `blocking`.
  static void serve(PeerCalls calls, TreeService service, Threads.Pool blocking) {
    calls.serve(
        EventualServices.TREES,
        (from, body, responder) -> {
          try {
            blocking.execute(() -> service.answer(body, new Responding(responder)));
          } catch (RejectedExecutionException full) {
            responder.refuse(PeerCalls.OVERLOADED, new byte[0]);
          }
        });
  }

  @Override
  public void ask(long member, byte[] request, long timeoutMillis, Listener listener) {
    calls.call(
        member,
        EventualServices.TREES,
        request,
        timeoutMillis,
        new PeerCalls.Listener() {
          @Override
          public void answered(byte[] answer) {
            listener.answered(answer);
          }

          @Override
          public void refused(int status, byte[] why) {
            String reason =
                status == PeerCalls.OVERLOADED
                    ? "too much waits"
                    : new String(why, StandardCharsets.UTF_8);
            listener.failed("member " + member + ": " + reason);
          }

          @Override
          public void lost() {
            listener.failed("member " + member + " does not answer");
          }
        });
  }

  /// Answers one question.
  private record Responding(PeerCalls.Responder responder) implements Listener {
    @Override
    public void answered(byte[] answer) {
      responder.answer(answer);
    }

    @Override
    public void failed(String why) {
      responder.refuse(EventualServices.REFUSED, why.getBytes(StandardCharsets.UTF_8));
    }
  }
}
