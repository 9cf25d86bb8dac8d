package dev.henge.simulation;

import dev.henge.simulation.replica.ReplicaClusters;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// Clusters of strong replicas under faults, a run from each seed.
///
/// The same seeds in every build; `-Dsimulation.seeds=N` runs others besides, `-Dseed=N` one alone.
/// `henge sim` looks longer.
@NullMarked
final class SimulationTest {
  private static final int SEEDS = 105;

  @Test
  void everySeedIsGood() {
    SeedRuns runs = SeedRuns.expectGood("SimulationTest", SEEDS, SimulationTest::run);
    runs.expectAny("members changed", report -> report.counts().changes() > 0);
    runs.expectAny("an image was installed", report -> report.counts().installs() > 0);
  }

  @Test
  void aSeedIsTheSameRunEachTime() {
    SeedRuns.expectRepeatable(SimulationTest::run);
  }

  private static Report run(long seed) {
    return Simulation.run(seed, SimulationOptions.drawn(seed, 0), ReplicaClusters::strong);
  }
}
