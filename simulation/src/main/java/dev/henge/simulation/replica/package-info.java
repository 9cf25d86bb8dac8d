/// A cluster of bare replicas: log store, group runtime and state machine on every machine, without
/// the rest of a node.
///
/// Read first: [ReplicaCluster].
@NullMarked
package dev.henge.simulation.replica;

import org.jspecify.annotations.NullMarked;
