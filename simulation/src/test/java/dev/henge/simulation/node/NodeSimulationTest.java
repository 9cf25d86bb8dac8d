package dev.henge.simulation.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.Seeds;
import dev.henge.simulation.Report;
import dev.henge.simulation.Simulation;
import dev.henge.simulation.SimulationOptions;
import dev.henge.simulation.fault.FaultClass;
import java.util.List;
import java.util.stream.LongStream;
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
    Long given = Long.getLong("seed");
    LongStream seeds =
        given != null
            ? LongStream.of(given)
            : LongStream.rangeClosed(1, Seeds.count("simulation.seeds", SEEDS));
    long began = System.nanoTime();
    List<Report> reports = seeds.parallel().mapToObj(NodeSimulationTest::run).toList();
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(
        "NodeSimulationTest: %d seeds, %d operations, %d elections, %d images,"
            + " %d changes of members, %.0f times as fast as real time%n",
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
      for (String operation : OPERATIONS) {
        assertTrue(
            reports.stream()
                .anyMatch(report -> report.counts().operations().containsKey(operation)),
            "nobody has " + operation);
      }
      assertTrue(reports.stream().anyMatch(report -> report.counts().installs() > 0));
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
    return Simulation.run(seed, SimulationOptions.drawnForNodes(seed, 0), NodeClusters::complete);
  }
}
