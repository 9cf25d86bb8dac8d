package dev.henge.server.cluster;

import dev.henge.base.Clock;
import dev.henge.base.FormatException;
import dev.henge.base.Threads;
import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.ConsensusGroup.GroupStatus.Role;
import dev.henge.consensus.group.GroupRuntime;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.MetadataCommand;
import dev.henge.consensus.metadata.MetadataFormat;
import dev.henge.consensus.metadata.MetadataOutcome;
import dev.henge.replication.membership.Liveness;
import dev.henge.server.peer.PeerCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// Brings commands to the leader of the metadata, wherever it is, and waits until this node follows
/// what became of them.
///
/// A command may be brought more than once: what it does twice is the same as once, and what it was
/// decided by is checked where it is applied ([dev.henge.consensus.metadata.MetadataRules]).
///
/// - Threads: any; nothing blocks.
final class MetadataClient {
  private static final Duration RETRY = Duration.ofMillis(50);
  private static final long CALL_MILLIS = 2000;

  private final long self;
  private final GroupRuntime runtime;
  private final PeerCalls calls;
  private final ClusterMap map;
  private final Clock clock;
  private final Threads threads;
  private final Threads.Pool pool;
  private final Liveness liveness;

  MetadataClient(
      long self,
      GroupRuntime runtime,
      PeerCalls calls,
      ClusterMap map,
      Clock clock,
      Threads threads,
      Threads.Pool pool,
      Liveness liveness) {
    this.self = self;
    this.runtime = runtime;
    this.calls = calls;
    this.map = map;
    this.clock = clock;
    this.threads = threads;
    this.pool = pool;
    this.liveness = liveness;
    calls.serve(
        Services.COMMAND, (from, body, responder) -> lead(Services.COMMAND, body, responder));
    calls.serve(
        Services.DECLARE, (from, body, responder) -> lead(Services.DECLARE, body, responder));
  }

  /// @return the outcome, once this node follows it; fails with an [IOException] where no leader
  ///   answered in time: whether it was done is not known then
  CompletableFuture<MetadataOutcome> submit(MetadataCommand command, Duration timeout) {
    return ask(Services.COMMAND, MetadataFormat.encode(command), timeout);
  }

  CompletableFuture<MetadataOutcome> ask(int service, byte[] body, Duration timeout) {
    var attempt = new Attempt(service, body, clock.monotonicNanos() + timeout.toNanos());
    attempt.run();
    return attempt.result;
  }

  /// Whether this node leads the metadata, as far as it knows.
  boolean isLeader() {
    ConsensusGroup group = runtime.group(Metadata.METADATA_GROUP);
    return group != null && group.status().role() == Role.LEADER;
  }

  /// Serves what only the leader can.
  private void lead(int service, byte[] body, PeerCalls.Responder responder) {
    ConsensusGroup group = runtime.group(Metadata.METADATA_GROUP);
    if (group == null || group.status().role() != Role.LEADER) {
      responder.refuse(Services.NOT_LEADER, number(group == null ? 0 : group.status().leader()));
      return;
    }
    if (service == Services.COMMAND) {
      propose(group, body, responder);
      return;
    }
    try {
      DeclarationRequest request = DeclarationRequest.decode(body);
      if (request.declaration().isEventual()) {
        // Its table takes longer to compute than this thread has time.
        pool.execute(() -> declare(group, request, responder));
      } else {
        declare(group, request, responder);
      }
    } catch (FormatException e) {
      responder.refuse(Services.REFUSED, text(e.getMessage()));
    } catch (RejectedExecutionException closing) {
      responder.refuse(Services.UNAVAILABLE, text("the node is closing"));
    }
  }

  private void declare(
      ConsensusGroup group, DeclarationRequest request, PeerCalls.Responder responder) {
    try {
      MetadataCommand command = request.command(map.metadata(), map.live(liveness));
      propose(group, MetadataFormat.encode(command), responder);
    } catch (IOException e) {
      responder.refuse(Services.UNAVAILABLE, text(e.getMessage()));
    }
  }

  private void propose(ConsensusGroup group, byte[] command, PeerCalls.Responder responder) {
    group.propose(
        command,
        0,
        new ConsensusGroup.ProposalListener() {
          @Override
          public void applied(long index, Object reply) {
            responder.answer(MetadataFormat.encode((MetadataOutcome) reply));
          }

          @Override
          public void refused(ConsensusGroup.Refusal refusal, long leader) {
            switch (refusal) {
              case NOT_LEADER, TRANSFERRING, STOPPED ->
                  responder.refuse(Services.NOT_LEADER, number(leader == self ? 0 : leader));
              case OVERLOADED, BUSY, TOO_LARGE, INVALID ->
                  responder.refuse(PeerCalls.OVERLOADED, new byte[0]);
              case DISK_FULL ->
                  responder.refuse(
                      Services.UNAVAILABLE, text("the disk of the metadata's leader is full"));
            }
          }

          @Override
          public void unknown() {
            responder.refuse(PeerCalls.FAILED, new byte[0]);
          }
        });
  }

  private static byte[] number(long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  private static byte[] text(@Nullable String sentence) {
    return String.valueOf(sentence).getBytes(StandardCharsets.UTF_8);
  }

  /// One request, from leader to leader until it is answered or too late.
  private final class Attempt implements PeerCalls.Listener, PeerCalls.Responder {
    private final int service;
    private final byte[] body;
    private final long endNanos;
    private final CompletableFuture<MetadataOutcome> result = new CompletableFuture<>();

    // one step at a time
    private long hint;
    private int turn;
    private String lastFailure = "nobody leads it";

    Attempt(int service, byte[] body, long endNanos) {
      this.service = service;
      this.body = body;
      this.endNanos = endNanos;
    }

    void run() {
      long leftMillis = (endNanos - clock.monotonicNanos()) / 1_000_000;
      if (leftMillis <= 0) {
        result.completeExceptionally(
            new IOException("the cluster's metadata cannot be changed now: " + lastFailure));
        return;
      }
      ConsensusGroup group = runtime.group(Metadata.METADATA_GROUP);
      long leader = hint != 0 ? hint : group == null ? 0 : group.status().leader();
      hint = 0;
      if (leader == 0) {
        leader = somebody();
      }
      if (leader == self) {
        lead(service, body.clone(), this);
      } else {
        calls.call(leader, service, body, Math.min(leftMillis, CALL_MILLIS), this);
      }
    }

    /// The voters in turn: one of them knows the leader.
    private long somebody() {
      Metadata metadata = map.metadata();
      if (!metadata.founded()) {
        return self;
      }
      List<Long> voters = List.copyOf(metadata.metadataGroup().confirmed().voters());
      return voters.get(turn++ % voters.size());
    }

    @Override
    public void answered(byte[] answer) {
      try {
        MetadataOutcome outcome = MetadataFormat.decodeOutcome(answer);
        map.whenEpoch(outcome.epoch(), () -> result.complete(outcome));
        long leftNanos = Math.max(1_000_000, endNanos - clock.monotonicNanos());
        threads.after(Duration.ofNanos(leftNanos), pool, () -> result.complete(outcome));
      } catch (FormatException e) {
        result.completeExceptionally(e);
      }
    }

    @Override
    public void refused(int status, byte[] answer) {
      if (status == Services.NOT_LEADER && answer.length == 8) {
        hint = ByteBuffer.wrap(answer).getLong();
        again(hint == 0 || hint == self);
      } else if (status == Services.REFUSED || status == Services.UNAVAILABLE) {
        result.completeExceptionally(new IOException(new String(answer, StandardCharsets.UTF_8)));
      } else {
        lastFailure = "its leader could not serve";
        again(true);
      }
    }

    @Override
    public void lost() {
      lastFailure = "its leader did not answer";
      again(true);
    }

    @Override
    public void answer(byte[] answer) {
      answered(answer);
    }

    @Override
    public void refuse(int status, byte[] answer) {
      refused(status, answer);
    }

    private void again(boolean later) {
      try {
        if (later) {
          threads.after(RETRY, pool, this::run);
        } else {
          pool.execute(this::run);
        }
      } catch (RejectedExecutionException closing) {
        result.completeExceptionally(new IOException("the node is closing", closing));
      }
    }
  }
}
