package dev.henge.simulation.node;

import dev.henge.consensus.group.RaftFactory;
import dev.henge.consensus.log.LogOptions;
import dev.henge.consensus.raft.Raft;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.simulation.Cluster;
import dev.henge.simulation.SimulationOptions;
import dev.henge.simulation.network.Streams;
import dev.henge.simulation.world.World;
import dev.henge.storage.lsm.LsmOptions;

/// Builds clusters of complete nodes.
public final class NodeClusters {
  private NodeClusters() {}

  /// Nodes as a server has them.
  public static Cluster complete(World world, SimulationOptions options) {
    boolean leases = world.random().chance(50);
    var witness = new NodeWitness();
    var making =
        new NodeMaking(
            options.groupOptions(leases),
            new LogOptions(32 << 10, 16 << 10, 256 << 10, 8 << 10),
            watched(witness),
            LsmOptions.defaults().withLogSegmentBytes(8 << 10).withBlocks(512, 4),
            64 << 10,
            8 << 10,
            64 << 20);
    var streams = new Streams(world, options.latencyMicrosMax());
    return new NodeCluster(world, options, streams, making, witness);
  }

  private static RaftFactory watched(NodeWitness witness) {
    return (options, self, hardState, log, configurations, recovering, randomness) ->
        new Raft(options, self, hardState, log, configurations, recovering, randomness) {
          @Override
          public void snapshotInstalled(SnapshotMark mark) {
            witness.installed();
            super.snapshotInstalled(mark);
          }
        };
  }
}
