package dev.henge.server.cluster;

import dev.henge.consensus.metadata.Routes;
import org.jspecify.annotations.Nullable;

/// Where data groups are, as this node knows now; what it says changes with the metadata.
///
/// - Threads: any; nothing blocks.
public interface Groups {
  /// This node's member number.
  long self();

  Routes routes();

  /// Whether this node was removed from its cluster: nothing is served here any more.
  boolean isRemoved();

  /// Whether this node may take itself for a member still: another one has talked to it since its
  /// start, or nobody could be asked. Before, its replicas may be what a removed node left behind.
  boolean isRecognized();

  /// What this node holds of `group`; null for nothing.
  @Nullable Replica replica(long group);

  /// Whether another member could not be reached when that was last tried.
  boolean isLost(long member);

  /// Since another member was last heard of, in milliseconds; -1 where it cannot be reached.
  long silentMillis(long member);
}
