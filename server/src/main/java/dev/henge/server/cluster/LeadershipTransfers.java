package dev.henge.server.cluster;

import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.GroupRuntime;
import dev.henge.server.peer.PeerCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/// Hands the leadership of groups to members that an operator names, wherever they are led.
///
/// - Threads: any; nothing blocks.
final class LeadershipTransfers {
  private static final long PATIENCE_MILLIS = 10_000;

  private final long self;
  private final GroupRuntime runtime;
  private final PeerCalls calls;
  private final StatusReports reports;

  LeadershipTransfers(long self, GroupRuntime runtime, PeerCalls calls, StatusReports reports) {
    this.self = self;
    this.runtime = runtime;
    this.calls = calls;
    this.reports = reports;
    calls.serve(Services.TRANSFER, (from, body, responder) -> serve(body, responder));
  }

  /// @return fails with an [IOException] where that was not begun
  CompletableFuture<Void> transfer(long group, long member) {
    return reports
        .status()
        .thenCompose(
            status -> {
              var result = new CompletableFuture<Void>();
              long leader = status.leader(group);
              byte[] body = ByteBuffer.allocate(16).putLong(group).putLong(member).array();
              if (leader == 0) {
                result.completeExceptionally(
                    new IOException("group " + group + " has no leader now"));
              } else if (leader == self) {
                serve(body, new Transferred(result));
              } else {
                calls.call(
                    leader, Services.TRANSFER, body, PATIENCE_MILLIS, new Transferred(result));
              }
              return result;
            });
  }

  /// Serves [Services#TRANSFER], at the group's leader.
  private void serve(byte[] body, PeerCalls.Responder responder) {
    ByteBuffer fields = ByteBuffer.wrap(body);
    long id = fields.getLong();
    long member = fields.getLong();
    ConsensusGroup group = runtime.group(id);
    if (group == null) {
      responder.refuse(Services.UNAVAILABLE, text("group " + id + " is not replicated"));
      return;
    }
    group.transfer(
        member,
        new ConsensusGroup.OutcomeListener() {
          @Override
          public void done() {
            responder.answer(new byte[0]);
          }

          @Override
          public void refused(ConsensusGroup.Refusal refusal, long leader) {
            responder.refuse(Services.UNAVAILABLE, text("not handed over: " + refusal));
          }

          @Override
          public void unknown() {
            responder.refuse(Services.UNAVAILABLE, text("member " + member + " did not take over"));
          }
        });
  }

  private record Transferred(CompletableFuture<Void> result)
      implements PeerCalls.Listener, PeerCalls.Responder {
    @Override
    public void answered(byte[] body) {
      result.complete(null);
    }

    @Override
    public void refused(int status, byte[] body) {
      result.completeExceptionally(new IOException(new String(body, StandardCharsets.UTF_8)));
    }

    @Override
    public void lost() {
      result.completeExceptionally(
          new IOException("the leader did not answer: whether it hands over is not known"));
    }

    @Override
    public void answer(byte[] body) {
      answered(body);
    }

    @Override
    public void refuse(int status, byte[] body) {
      refused(status, body);
    }
  }

  private static byte[] text(String sentence) {
    return sentence.getBytes(StandardCharsets.UTF_8);
  }
}
