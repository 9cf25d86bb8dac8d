package dev.henge.simulation.node;

import dev.henge.simulation.Report;
import dev.henge.simulation.SeedRuns;
import dev.henge.simulation.Simulation;
import dev.henge.simulation.SimulationOptions;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// Clusters of complete nodes under faults, a run from each seed.
///
/// The same seeds in every build; `-Dsimulation.seeds=N` runs others besides, `-Dseed=N` one alone.
/// `henge sim` looks longer.
@NullMarked
final class NodeSimulationTest {
  private static final int SEEDS = 45;

  /// What an operator does in some seeds; the rest is promised by each.
  private static final List<String> OPERATIONS =
      List.of("joined late", "removed", "zombies barred", "replaced", "wiped", "met", "wavered");

  @Test
  void everySeedIsGood() {
    SeedRuns runs = SeedRuns.expectGood("NodeSimulationTest", SEEDS, NodeSimulationTest::run);
    runs.expectAny("an image was installed", report -> report.counts().installs() > 0);
    for (String operation : OPERATIONS) {
      runs.expectAny(
          "somebody has " + operation,
          report -> report.counts().operations().containsKey(operation));
    }
  }

  @Test
  void aSeedIsTheSameRunEachTime() {
    SeedRuns.expectRepeatable(NodeSimulationTest::run);
  }

  private static Report run(long seed) {
    return Simulation.run(seed, SimulationOptions.drawnForNodes(seed, 0), NodeClusters::complete);
  }
}
