package dev.henge.simulation.replica;

import dev.henge.consensus.group.GroupOptions;
import dev.henge.consensus.group.RaftFactory;
import dev.henge.consensus.log.LogOptions;
import dev.henge.consensus.raft.Raft;
import dev.henge.consensus.raft.RaftOptions;
import dev.henge.simulation.Report;
import dev.henge.simulation.Simulation;
import dev.henge.simulation.SimulationOptions;
import dev.henge.simulation.network.SimulatedNetwork;
import java.time.Duration;
import org.jspecify.annotations.NullMarked;

/// Runs of bare replicas with the smallest state machine.
@NullMarked
final class ReplicaSimulations {
  private ReplicaSimulations() {}

  static Report run(long seed, SimulationOptions options) {
    return run(seed, options, Raft::new);
  }

  static Report run(long seed, SimulationOptions options, RaftFactory cores) {
    var table = new MapState.Table();
    return run(
        seed,
        options,
        cores,
        (group, disk, directory, threads, clock) -> new MapState(table, disk, directory));
  }

  static Report run(
      long seed, SimulationOptions options, RaftFactory cores, ReplicatedState.Factory states) {
    return Simulation.run(
        seed,
        options,
        (world, given) ->
            new ReplicaCluster(
                world,
                new SimulatedNetwork(world, given.latencyMicrosMax(), message -> message),
                new ReplicaNode.Making(
                    small(given.tick(), seed % 2 == 0),
                    new LogOptions(32 << 10, 16 << 10, 256 << 10, 8 << 10),
                    cores,
                    states,
                    2),
                given.machines(),
                given.keyspaces()));
  }

  /// Bounds so small that every run meets them.
  static GroupOptions small(Duration tick, boolean leases) {
    RaftOptions usual = RaftOptions.DEFAULT;
    GroupOptions defaults = GroupOptions.defaults();
    GroupOptions.Timing timing = defaults.timing();
    var raft =
        new RaftOptions(
            usual.electionTicks(),
            usual.heartbeatTicks(),
            2_000,
            8_000,
            8,
            64 << 10,
            200,
            usual.quiesceTicks(),
            leases);
    return defaults
        .with(new GroupOptions.Timing(tick, raft, timing.holdTicks(), timing.driftPermille()))
        .with(
            new GroupOptions.Bounds(
                64 << 10, 4_000, 64 << 10, 500, 256 << 10, 2_000, 3_000, 64 << 10))
        .with(new GroupOptions.Images(400, 1 << 20, 2, Duration.ofSeconds(3)));
  }
}
