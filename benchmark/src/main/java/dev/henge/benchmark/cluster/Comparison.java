package dev.henge.benchmark.cluster;

import dev.henge.benchmark.report.Figures;
import dev.henge.benchmark.report.ProcessUse;
import dev.henge.benchmark.report.Progress;
import dev.henge.benchmark.report.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// Loads that two clusters ran one after the other, and the tables of what was measured.
///
/// - Threads: one.
public final class Comparison {
  private final Progress progress;
  private final List<Line> lines;
  private final int rounds;

  /// One run of a load.
  ///
  /// @param cores that all nodes used meanwhile
  private record Run(Sample sample, double cores) {}

  /// The runs of one load.
  private record Line(Load load, List<Run> ours, List<Run> theirs) {
    List<Run> of(boolean isOurs) {
      return isOurs ? ours : theirs;
    }
  }

  /// @param rounds how often each load is measured
  public Comparison(List<Load> loads, int rounds, Progress progress) {
    this.lines =
        loads.stream().map(load -> new Line(load, new ArrayList<>(), new ArrayList<>())).toList();
    this.rounds = rounds;
    this.progress = progress;
  }

  /// Runs every load.
  ///
  /// @param warmupSeconds how long each load runs before it is measured for the first time
  /// @param isOurs whose figures these are
  public void measure(Peer peer, double warmupSeconds, boolean isOurs) throws IOException {
    for (int round = 1; round <= rounds; round++) {
      for (Line line : lines) {
        if (round == 1 && warmupSeconds > 0) {
          progress.show(peer.name() + ": warming up, " + line.load.title());
          peer.run(line.load.lasting(warmupSeconds));
        }
        progress.show(
            "%s: round %d of %d, %s".formatted(peer.name(), round, rounds, line.load.title()));
        ProcessUse before = peer.use();
        long start = System.nanoTime();
        Sample sample = peer.run(line.load);
        double cores = peer.use().cpuSecondsSince(before) / ((System.nanoTime() - start) / 1e9);
        line.of(isOurs).add(new Run(sample, cores));
      }
    }
  }

  /// Prints the medians.
  public void print(String ourName, String theirName) {
    Table speeds = new Table("requests a second", ourName, theirName, ourName + " / " + theirName);
    Table details = new Table("p50 / p99 ms; errors; cores of the servers", ourName, theirName);
    for (Line line : lines) {
      double our = median(line.ours, run -> run.sample.requestsPerSecond());
      double their = median(line.theirs, run -> run.sample.requestsPerSecond());
      speeds.row(
          List.of(
              line.load.title(),
              Figures.count(our),
              Figures.count(their),
              Figures.ratio(our, their)));
      details.row(List.of(line.load.title(), detail(line.ours), detail(line.theirs)));
    }
    System.out.println(speeds);
    System.out.println(details);
    lines.forEach(line -> {
      tellTrouble(ourName, line.load, line.ours);
      tellTrouble(theirName, line.load, line.theirs);
    });
  }

  private static void tellTrouble(String name, Load load, List<Run> runs) {
    long missing = runs.stream().mapToLong(run -> run.sample.missingCount()).sum();
    if (missing > 0) {
      System.out.println(
          "- " + name + ", " + load.title() + ": " + missing + " reads found nothing");
    }
    runs.stream()
        .map(run -> run.sample.firstError())
        .filter(error -> !error.isEmpty())
        .findFirst()
        .ifPresent(error -> System.out.println("- " + name + ", " + load.title() + ": " + error));
  }

  private static String detail(List<Run> runs) {
    if (runs.isEmpty()) {
      return "-";
    }
    return "%s / %s; %d; %s"
        .formatted(
            Figures.decimal(median(runs, run -> run.sample.millisP50()), 2),
            Figures.decimal(median(runs, run -> run.sample.millisP99()), 2),
            runs.stream().mapToLong(run -> run.sample.errorCount()).sum(),
            Figures.decimal(median(runs, Run::cores), 2));
  }

  private static double median(List<Run> runs, ToDoubleFunction<Run> figure) {
    return Figures.median(runs.stream().mapToDouble(figure));
  }
}
