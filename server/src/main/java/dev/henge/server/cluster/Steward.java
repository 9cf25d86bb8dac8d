package dev.henge.server.cluster;

import dev.henge.base.Clock;
import dev.henge.base.FormatException;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.MetadataCommand;
import dev.henge.consensus.metadata.MetadataOutcome;
import dev.henge.consensus.metadata.Planner;
import dev.henge.server.peer.PeerCalls;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the planner where the metadata is led: asks every member how it is, and brings what the
/// planner wants, one command after the other.
///
/// - Threads: [#look] on the cluster's thread; answers come on others.
final class Steward {
  private static final Logger LOG = LoggerFactory.getLogger(Steward.class);

  /// Groups under way at one time: what a node has to copy must not take all it has.
  private static final int CHANGES_MAX = 4;

  private static final Duration ASK_EVERY = Duration.ofMillis(500);
  private static final Duration DEAD_AFTER = Duration.ofSeconds(3);
  private static final Duration COMMAND = Duration.ofSeconds(5);

  private final long self;
  private final ClusterMap map;
  private final MetadataClient client;
  private final PeerCalls calls;
  private final Clock clock;

  private final Map<Long, Long> answeredNanos = new ConcurrentHashMap<>();
  private volatile boolean planning;

  // owned by the cluster's thread
  private boolean leading;
  private long askedNanos;

  Steward(long self, ClusterMap map, MetadataClient client, PeerCalls calls, Clock clock) {
    this.self = self;
    this.map = map;
    this.client = client;
    this.calls = calls;
    this.clock = clock;
  }

  /// Members heard of lately, by the leader of the metadata.
  Set<Long> live() {
    long now = clock.monotonicNanos();
    var live = new HashSet<Long>();
    for (long member : map.metadata().members().keySet()) {
      Long answered = answeredNanos.get(member);
      if (member == self || (answered != null && now - answered < DEAD_AFTER.toNanos())) {
        live.add(member);
      }
    }
    return live;
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
      // A new leader knows nothing bad of anybody.
      for (long member : metadata.members().keySet()) {
        answeredNanos.put(member, now);
      }
    }
    if (now - askedNanos >= ASK_EVERY.toNanos()) {
      askedNanos = now;
      answeredNanos.keySet().retainAll(metadata.members().keySet());
      for (Member member : metadata.members().values()) {
        if (member.number() != self) {
          ask(member.number());
        }
      }
    }
    if (!planning) {
      List<MetadataCommand> plan = Planner.plan(metadata, live(), CHANGES_MAX);
      if (!plan.isEmpty()) {
        planning = true;
        carryOut(new ArrayDeque<>(plan));
      }
    }
  }

  private void ask(long member) {
    calls.call(
        member,
        Services.REPORT,
        new byte[0],
        DEAD_AFTER.toMillis(),
        new PeerCalls.Listener() {
          @Override
          public void answered(byte[] body) {
            try {
              NodeReport report = NodeReport.decode(body);
              answeredNanos.put(report.member(), clock.monotonicNanos());
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
