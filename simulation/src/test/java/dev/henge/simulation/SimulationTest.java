package dev.henge.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.Seeds;
import dev.henge.simulation.fault.FaultClass;
import dev.henge.simulation.replica.ReplicaClusters;
import java.util.List;
import java.util.stream.LongStream;
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
    Long given = Long.getLong("seed");
    LongStream seeds =
        given != null
            ? LongStream.of(given)
            : LongStream.rangeClosed(1, Seeds.count("simulation.seeds", SEEDS));
    long began = System.nanoTime();
    List<Report> reports = seeds.parallel().mapToObj(SimulationTest::run).toList();
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(
        "SimulationTest: %d seeds, %d operations, %d elections, %d images, %d changes of members,"
            + " %.0f times as fast as real time%n",
        reports.size(),
        reports.stream().mapToLong(Report::answered).sum(),
        reports.stream().mapToLong(report -> report.counts().elections()).sum(),
        reports.stream().mapToLong(report -> report.counts().installs()).sum(),
        reports.stream().mapToLong(report -> report.counts().changes()).sum(),
        reports.stream().mapToLong(Report::virtualMillis).sum() / 1e3 / seconds);
    List<String> wrong =
        reports.stream().filter(report -> !report.isGood()).map(Report::text).toList();
    assertEquals(List.of(), wrong, () -> String.join("\n\n", wrong));
    if (given == null) {
      for (FaultClass kind : FaultClass.values()) {
        assertTrue(
            reports.stream().anyMatch(report -> report.faults().containsKey(kind)),
            kind + " never came about");
      }
      assertTrue(reports.stream().anyMatch(report -> report.counts().installs() > 0));
      assertTrue(reports.stream().anyMatch(report -> report.counts().changes() > 0));
      assertTrue(reports.stream().anyMatch(report -> report.unknown() > 0));
    }
  }

  @Test
  void aSeedIsTheSameRunEachTime() {
    for (long seed = 1001; seed <= 1002; seed++) {
      assertEquals(run(seed).traceHash(), run(seed).traceHash(), "-Dseed=" + seed);
    }
    assertTrue(run(1001).traceHash() != run(1002).traceHash());
  }

  private static Report run(long seed) {
    return Simulation.run(seed, SimulationOptions.drawn(seed, 0), ReplicaClusters::strong);
  }
}
