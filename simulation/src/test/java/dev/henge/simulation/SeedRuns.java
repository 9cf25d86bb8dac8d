package dev.henge.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.Seeds;
import dev.henge.simulation.fault.FaultClass;
import java.util.List;
import java.util.TreeSet;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.jspecify.annotations.NullMarked;

/// Runs from many seeds, and what they came to together.
@NullMarked
public final class SeedRuns {
  private final List<Report> reports;

  private SeedRuns(List<Report> reports) {
    this.reports = reports;
  }

  /// Runs each seed and expects every run to be good. Where the build runs its usual seeds, and not
  /// one that was asked for, each fault must have come about, and unknown outcomes, too.
  ///
  /// @param name of the test, for what is printed
  /// @param usual how many seeds every build runs; `-Dsimulation.seeds=N` runs more, `-Dseed=N` one
  public static SeedRuns expectGood(String name, int usual, LongFunction<Report> run) {
    Long given = Long.getLong("seed");
    LongStream seeds =
        given != null
            ? LongStream.of(given)
            : LongStream.rangeClosed(1, Seeds.count("simulation.seeds", usual));
    long began = System.nanoTime();
    List<Report> reports = seeds.parallel().mapToObj(run).toList();
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(
        "%s: %d seeds, %d operations, %d elections, %d images, %d changes of members,"
            + " %.0f times as fast as real time%n",
        name,
        reports.size(),
        reports.stream().mapToLong(Report::answered).sum(),
        reports.stream().mapToLong(report -> report.counts().elections()).sum(),
        reports.stream().mapToLong(report -> report.counts().installs()).sum(),
        reports.stream().mapToLong(report -> report.counts().changes()).sum(),
        reports.stream().mapToLong(Report::virtualMillis).sum() / 1e3 / seconds);
    List<String> wrong =
        reports.stream().filter(report -> !report.isGood()).map(Report::text).toList();
    assertEquals(List.of(), wrong, () -> String.join("\n\n", wrong));
    var runs = new SeedRuns(given == null ? reports : List.of());
    var promised = new TreeSet<FaultClass>();
    reports.forEach(report -> promised.addAll(report.options().faults()));
    for (FaultClass kind : promised) {
      runs.expectAny(kind + " came about", report -> report.faults().containsKey(kind));
    }
    runs.expectAny("an outcome was unknown", report -> report.unknown() > 0);
    return runs;
  }

  /// Expects that something came about in one of the usual runs at least.
  public void expectAny(String what, Predicate<Report> cameAbout) {
    assertTrue(reports.isEmpty() || reports.stream().anyMatch(cameAbout), "never: " + what);
  }

  /// Expects a seed to be the same run each time, and another seed to be another.
  public static void expectRepeatable(LongFunction<Report> run) {
    for (long seed = 1001; seed <= 1002; seed++) {
      assertEquals(run.apply(seed).traceHash(), run.apply(seed).traceHash(), "-Dseed=" + seed);
    }
    assertTrue(run.apply(1001).traceHash() != run.apply(1002).traceHash());
  }
}
