package dev.henge.server.cluster;

import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.MetadataCommand;
import dev.henge.consensus.metadata.MetadataOutcome;
import dev.henge.consensus.metadata.Planner;
import dev.henge.consensus.metadata.RingPlans;
import dev.henge.server.membership.Membership;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the planner where the metadata is led, and brings what it wants, one command after the
/// other.
///
/// - Threads: [#look] on the cluster's thread; answers come on others.
final class Steward {
  private static final Logger LOG = LoggerFactory.getLogger(Steward.class);

  /// Groups under way at one time, and rings: what a node has to copy must not take all it has.
  private static final int CHANGES_MAX = 4;

  /// A member that is to leave and has been down for so long will not come to hand over what it
  /// held: whoever removes a dead member waits for that.
  private static final Duration LOST_AFTER = Duration.ofSeconds(60);

  private static final Duration COMMAND = Duration.ofSeconds(5);

  private final ClusterMap map;
  private final MetadataClient client;
  private final Membership liveness;

  private volatile boolean planning;

  // owned by the cluster's thread
  private final RingPlans rings = new RingPlans();

  Steward(ClusterMap map, MetadataClient client, Membership liveness) {
    this.map = map;
    this.client = client;
    this.liveness = liveness;
  }

  void look() {
    if (client.isLeader() && !planning) {
      Metadata metadata = map.metadata();
      Set<Long> live = map.live(liveness);
      var plan = new ArrayDeque<MetadataCommand>(Planner.plan(metadata, live, CHANGES_MAX));
      plan.addAll(rings.plan(metadata, live, liveness.downFor(LOST_AFTER), CHANGES_MAX));
      if (!plan.isEmpty()) {
        planning = true;
        carryOut(plan);
      }
    }
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
