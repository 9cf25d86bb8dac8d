package dev.henge.server.cluster;

import dev.henge.consensus.metadata.Address;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.MetadataCommand;
import dev.henge.consensus.metadata.NodeDescription;
import java.time.Duration;
import java.util.Optional;

/// What this node says of itself: where its ports are, where it stands, how much it can hold.
///
/// - Threads: any.
final class Announcement {
  private static final Duration CHANGE = Duration.ofSeconds(10);

  private final String nodeId;
  private final ClusterOptions options;

  private volatile Address address;
  private volatile boolean telling;

  /// @param peerPort open already; the other ports are where the options say, until [#at]
  Announcement(String nodeId, ClusterOptions options, int peerPort) {
    this.nodeId = nodeId;
    this.options = options;
    int resp = options.respPort();
    address =
        new Address(
            options.host(), resp, resp == 0 ? 0 : resp + 1, peerPort, resp == 0 ? 0 : resp + 3);
  }

  /// The ports are open there.
  void at(Address known) {
    address = known;
  }

  NodeDescription description(long incarnation) {
    return new NodeDescription(
        nodeId, address, options.location(), options.capacity(), incarnation);
  }

  /// Tells the metadata what is new about this node, as member `self`; of no effect where nothing
  /// is, or while it is being told.
  void bring(long self, ClusterMap map, MetadataClient client) {
    Optional<Member> there = map.metadata().member(self);
    if (telling || there.isEmpty()) {
      return;
    }
    NodeDescription known = there.get().node();
    if (!known.equals(description(known.incarnation()))) {
      telling = true;
      var ignored =
          client
              .submit(
                  new MetadataCommand.UpdateMember(self, description(known.incarnation() + 1)),
                  CHANGE)
              .whenComplete((outcome, error) -> telling = false);
    }
  }
}
