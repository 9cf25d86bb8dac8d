package dev.henge.simulation.eventual;

import dev.henge.consensus.group.PeerTransport;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.replication.replica.ReplicaFactory;
import dev.henge.server.store.EngineFactory;
import java.util.function.UnaryOperator;

/// How members are made.
///
/// @param engines stands between the engines and what uses them
/// @param transports stands between a member and the network
/// @param replicas makes a member's copies
/// @param namedAnew whether writes after a start have other names than those before
record EventualMaking(
    UnaryOperator<EngineFactory> engines,
    UnaryOperator<PeerTransport> transports,
    ReplicaFactory replicas,
    boolean namedAnew) {
  /// As a server has them.
  static final EventualMaking RIGHT =
      new EventualMaking(
          UnaryOperator.identity(), UnaryOperator.identity(), KeyspaceReplica::new, true);

  EventualMaking with(ReplicaFactory others) {
    return new EventualMaking(engines, transports, others, namedAnew);
  }

  EventualMaking withEngines(UnaryOperator<EngineFactory> others) {
    return new EventualMaking(others, transports, replicas, namedAnew);
  }

  EventualMaking withTransports(UnaryOperator<PeerTransport> others) {
    return new EventualMaking(engines, others, replicas, namedAnew);
  }

  EventualMaking withOldNames() {
    return new EventualMaking(engines, transports, replicas, false);
  }
}
