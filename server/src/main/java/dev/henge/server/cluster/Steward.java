package dev.henge.server.cluster;

import dev.henge.base.Clock;
import dev.henge.base.FormatException;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.MetadataCommand;
import dev.henge.consensus.metadata.MetadataOutcome;
import dev.henge.consensus.metadata.Planner;
import dev.henge.consensus.metadata.RingPlans;
import dev.henge.server.peer.PeerCalls;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the planner where the metadata is led: asks every member how it is, and brings what the
/// planner wants, one command after the other.
///
/// - Threads: [#look] on the cluster's thread; answers come on others.
final class Steward {
  private static final Logger LOG = LoggerFactory.getLogger(Steward.class);

  /// Groups under way at one time, and rings: what a node has to copy must not take all it has.
  private static final int CHANGES_MAX = 4;

  private static final Duration ASK_EVERY = Duration.ofMillis(500);
  private static final Duration COMMAND = Duration.ofSeconds(5);

  private final long self;
  private final ClusterMap map;
  private final MetadataClient client;
  private final PeerCalls calls;
  private final Liveness liveness;
  private final Clock clock;

  private volatile boolean planning;

  // owned by the cluster's thread
  private boolean leading;
  private final RingPlans rings = new RingPlans();
  private long askedNanos;

  Steward(
      long self,
      ClusterMap map,
      MetadataClient client,
      PeerCalls calls,
      Liveness liveness,
      Clock clock) {
    this.self = self;
    this.map = map;
    this.client = client;
    this.calls = calls;
    this.liveness = liveness;
    this.clock = clock;
  }

  void look() {
    if (!client.isLeader()) {
      leading = false;
      return;
    }
    long now = clock.monotonicNanos();
    Metadata metadata = map.metadata();
    if (!leading) {
      leading = true;
      askedNanos = now - ASK_EVERY.toNanos();
      liveness.presumeAll();
    }
    if (now - askedNanos >= ASK_EVERY.toNanos()) {
      askedNanos = now;
      liveness.forgetOthers();
      for (Member member : metadata.members().values()) {
        if (member.number() != self) {
          ask(member.number());
        }
      }
    }
    if (!planning) {
      Set<Long> live = liveness.live();
      var plan = new ArrayDeque<MetadataCommand>(Planner.plan(metadata, live, CHANGES_MAX));
      plan.addAll(rings.plan(metadata, live, liveness.lost(), CHANGES_MAX));
      if (!plan.isEmpty()) {
        planning = true;
        carryOut(plan);
      }
    }
  }

  private void ask(long member) {
    calls.call(
        member,
        Services.REPORT,
        new byte[0],
        Liveness.DEAD_AFTER.toMillis(),
        new PeerCalls.Listener() {
          @Override
          public void answered(byte[] body) {
            try {
              liveness.answered(NodeReport.decode(body).member());
            } catch (FormatException e) {
              LOG.warn("member {} reports what is not known here: {}", member, e.getMessage());
            }
          }

          @Override
          public void refused(int status, byte[] body) {
            LOG.debug("member {} does not report: {}", member, status);
          }

          @Override
          public void lost() {
            LOG.debug("member {} does not report", member);
          }
        });
  }

  /// One after the other; where one fails, the next look plans again.
  private void carryOut(Queue<MetadataCommand> plan) {
    MetadataCommand command = plan.poll();
    if (command == null) {
      planning = false;
      return;
    }
    var ignored =
        client
            .submit(command, COMMAND)
            .whenComplete((outcome, error) -> {
              if (error != null || outcome instanceof MetadataOutcome.Refused) {
                LOG.info("not done: {}: {}", command, error == null ? outcome : error);
                planning = false;
              } else {
                LOG.info("done: {}", command);
                carryOut(plan);
              }
            });
  }
}
