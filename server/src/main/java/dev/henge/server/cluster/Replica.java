package dev.henge.server.cluster;

import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.strong.GroupReads;
import dev.henge.server.store.Group;

/// What a node holds of a data group.
public sealed interface Replica {
  /// All of it: the engine's own log is the group's.
  record Local(Group group) implements Replica {}

  /// One of several: the group's log is Raft's.
  record Replicated(ConsensusGroup group, GroupReads reads) implements Replica {}
}
