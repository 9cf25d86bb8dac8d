package dev.henge.simulation.replica;

import dev.henge.base.Disk;
import dev.henge.consensus.group.RaftFactory;
import dev.henge.consensus.log.LogOptions;
import dev.henge.consensus.raft.Raft;
import dev.henge.simulation.Cluster;
import dev.henge.simulation.SimulationOptions;
import dev.henge.simulation.network.SimulatedNetwork;
import dev.henge.simulation.world.World;
import java.util.function.UnaryOperator;

/// Builds clusters of replicas.
public final class ReplicaClusters {
  /// Threads of a node's two pools.
  private static final int THREADS = 2;

  private ReplicaClusters() {}

  /// Replicas as a node has them.
  public static Cluster strong(World world, SimulationOptions options) {
    return of(world, options, Raft::new, StrongState::open, UnaryOperator.identity());
  }

  /// @param disks stands between each machine's disk and what runs on it
  static Cluster of(
      World world,
      SimulationOptions options,
      RaftFactory cores,
      ReplicatedState.Factory states,
      UnaryOperator<Disk> disks) {
    boolean leases = world.random().chance(50);
    var making =
        new ReplicaNode.Making(
            options.groupOptions(leases),
            new LogOptions(32 << 10, 16 << 10, 256 << 10, 8 << 10),
            cores,
            states,
            disks,
            THREADS);
    var network = new SimulatedNetwork(world, options.latencyMicrosMax());
    return new ReplicaCluster(world, network, making, options.machines(), options.keyspaces());
  }
}
