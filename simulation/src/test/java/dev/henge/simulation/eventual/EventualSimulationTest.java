package dev.henge.simulation.eventual;

import dev.henge.simulation.Report;
import dev.henge.simulation.SeedRuns;
import dev.henge.simulation.SimulationOptions;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// Eventual keyspaces under faults, a run from each seed.
///
/// The same seeds in every build; `-Dsimulation.seeds=N` runs others besides, `-Dseed=N` one alone.
/// `henge sim --eventual` looks longer.
@NullMarked
final class EventualSimulationTest {
  private static final int SEEDS = 105;

  @Test
  void everySeedIsGood() {
    SeedRuns.expectGood("EventualSimulationTest", SEEDS, EventualSimulationTest::run)
        .expectAny(
            "concurrent values",
            report -> report.counts().operations().getOrDefault("most siblings", 0L) > 1);
  }

  @Test
  void aSeedIsTheSameRunEachTime() {
    SeedRuns.expectRepeatable(EventualSimulationTest::run);
  }

  private static Report run(long seed) {
    return EventualSimulation.run(seed, SimulationOptions.drawnForEventual(seed, 0));
  }
}
