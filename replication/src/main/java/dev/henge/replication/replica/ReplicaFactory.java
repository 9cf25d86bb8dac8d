package dev.henge.replication.replica;

import dev.henge.base.Clock;
import dev.henge.replication.causality.HybridClock;
import dev.henge.storage.Engine;

/// Makes a node's copies of a keyspace: [KeyspaceReplica], or something that does as it does.
@FunctionalInterface
public interface ReplicaFactory {
  KeyspaceReplica make(
      Engine engine,
      KeyspaceReplica.Options options,
      Dots dots,
      HybridClock hybridClock,
      Clock clock);
}
