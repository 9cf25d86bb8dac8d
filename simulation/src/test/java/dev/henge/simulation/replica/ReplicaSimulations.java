package dev.henge.simulation.replica;

import dev.henge.base.Disk;
import dev.henge.consensus.group.RaftFactory;
import dev.henge.simulation.Report;
import dev.henge.simulation.Simulation;
import dev.henge.simulation.SimulationOptions;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.NullMarked;

/// Runs of bare replicas with something else in the place of one part.
@NullMarked
final class ReplicaSimulations {
  private ReplicaSimulations() {}

  /// With the smallest state machine.
  static Report run(long seed, SimulationOptions options, RaftFactory cores) {
    var table = new MapState.Table();
    return run(
        seed,
        options,
        cores,
        (group, disk, directory, threads, clock) -> new MapState(table, disk, directory),
        UnaryOperator.identity());
  }

  static Report run(
      long seed,
      SimulationOptions options,
      RaftFactory cores,
      ReplicatedState.Factory states,
      UnaryOperator<Disk> disks) {
    return Simulation.run(
        seed, options, (world, given) -> ReplicaClusters.of(world, given, cores, states, disks));
  }
}
