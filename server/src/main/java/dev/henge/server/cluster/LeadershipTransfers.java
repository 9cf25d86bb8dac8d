package dev.henge.server.cluster;

import dev.henge.base.Clock;
import dev.henge.base.Threads;
import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.GroupRuntime;
import dev.henge.server.peer.PeerCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/// Hands the leadership of groups to members that an operator names, wherever they are led.
///
/// A leader that is on its way already, because the metadata prefers it, counts as handed over;
/// what is refused because others move, too, is tried again.
///
/// - Threads: any; nothing blocks.
final class LeadershipTransfers {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration AGAIN_AFTER = Duration.ofMillis(100);

  private final long self;
  private final GroupRuntime runtime;
  private final PeerCalls calls;
  private final StatusReports reports;
  private final Clock clock;
  private final Threads threads;
  private final Threads.Pool pool;

  LeadershipTransfers(
      long self,
      GroupRuntime runtime,
      PeerCalls calls,
      StatusReports reports,
      Clock clock,
      Threads threads,
      Threads.Pool pool) {
    this.self = self;
    this.runtime = runtime;
    this.calls = calls;
    this.reports = reports;
    this.clock = clock;
    this.threads = threads;
    this.pool = pool;
    calls.serve(Services.TRANSFER, (from, body, responder) -> serve(body, responder));
  }

  /// @return completes when `member` leads; fails with an [IOException] where it does not in time
  CompletableFuture<Void> transfer(long group, long member) {
    var wish = new Wish(group, member, clock.monotonicNanos() + PATIENCE.toNanos());
    wish.look();
    return wish.result;
  }

  /// One transfer that was asked for, until it has come about.
  private final class Wish implements PeerCalls.Listener, PeerCalls.Responder {
    private final long group;
    private final long member;
    private final long endNanos;
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private String reason = "";

    Wish(long group, long member, long endNanos) {
      this.group = group;
      this.member = member;
      this.endNanos = endNanos;
    }

    void look() {
      var unused =
          reports
              .status()
              .whenComplete((status, error) -> {
                if (error == null) {
                  ask(status.leader(group));
                } else {
                  again(String.valueOf(error.getMessage()));
                }
              });
    }

    private void ask(long leader) {
      long millisLeft = (endNanos - clock.monotonicNanos()) / 1_000_000;
      byte[] body = ByteBuffer.allocate(16).putLong(group).putLong(member).array();
      if (leader == member) {
        result.complete(null);
      } else if (millisLeft <= 0) {
        result.completeExceptionally(new IOException(reason));
      } else if (leader == 0) {
        again("group " + group + " has no leader now");
      } else if (leader == self) {
        serve(body, this);
      } else {
        calls.call(leader, Services.TRANSFER, body, millisLeft, this);
      }
    }

    private void again(String because) {
      reason = because;
      try {
        threads.after(AGAIN_AFTER, pool, this::look);
      } catch (RejectedExecutionException closing) {
        result.completeExceptionally(new IOException("the node is closing", closing));
      }
    }

    @Override
    public void answered(byte[] body) {
      result.complete(null);
    }

    @Override
    public void refused(int status, byte[] body) {
      String because = new String(body, StandardCharsets.UTF_8);
      if (status == Services.REFUSED) {
        result.completeExceptionally(new IOException(because));
      } else {
        again(because);
      }
    }

    @Override
    public void lost() {
      again("the leader did not answer: whether it hands over is not known");
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

  /// Serves [Services#TRANSFER], at the group's leader.
  private void serve(byte[] body, PeerCalls.Responder responder) {
    ByteBuffer fields = ByteBuffer.wrap(body);
    long id = fields.getLong();
    long member = fields.getLong();
    ConsensusGroup group = runtime.group(id);
    if (group == null) {
      responder.refuse(Services.UNAVAILABLE, text("group " + id + " has no replica here"));
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
            boolean never = refusal == ConsensusGroup.Refusal.INVALID;
            responder.refuse(
                never ? Services.REFUSED : Services.UNAVAILABLE,
                text(
                    never
                        ? "member " + member + " has no vote in group " + id
                        : "not handed over: " + refusal));
          }

          @Override
          public void unknown() {
            responder.refuse(Services.UNAVAILABLE, text("member " + member + " did not take over"));
          }
        });
  }

  private static byte[] text(String sentence) {
    return sentence.getBytes(StandardCharsets.UTF_8);
  }
}
