package dev.henge.benchmark.strong;

import dev.henge.benchmark.report.Figures;
import dev.henge.benchmark.report.Machine;
import dev.henge.benchmark.report.ProcessUse;
import dev.henge.benchmark.report.Progress;
import dev.henge.benchmark.report.Table;
import dev.henge.benchmark.report.TemporaryDirectory;
import dev.henge.benchmark.server.HengeOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `henge bench strong`: three nodes and three etcd members under the same load in turn, every
/// write synced on a majority.
@Command(
    name = "strong",
    description = "Measures three nodes beside etcd: durable puts and linearizable gets.",
    mixinStandardHelpOptions = true)
public final class StrongBench implements Callable<Integer> {
  @Option(
      names = "--outstanding",
      split = ",",
      defaultValue = "1,64,512",
      description = "Requests under way, for each line. Default: ${DEFAULT-VALUE}.")
  private List<Integer> outstanding = List.of();

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description =
          "How often each line is measured; medians are printed. Default: ${DEFAULT-VALUE}.")
  private int rounds = 3;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "Length of each measurement. Default: ${DEFAULT-VALUE}.")
  private double seconds = 10;

  @Option(
      names = "--keys",
      defaultValue = "100000",
      description = "Keys of 16 bytes, each with 256 bytes. Default: ${DEFAULT-VALUE}.")
  private long keys = 100_000;

  @Option(
      names = "--java-options",
      defaultValue = "",
      description = "More flags for the JVM of each node, a profiler's for example.")
  private String javaOptions = "";

  @Option(names = "--alone", description = "Without etcd.")
  private boolean alone;

  @Mixin private HengeOptions henge = new HengeOptions();

  private final Progress progress = new Progress();

  /// One line of the tables, and what was measured for it.
  private record Line(
      Load load,
      List<Sample> ours,
      List<Sample> theirs,
      List<Double> ourCores,
      List<Double> theirCores) {
    String title() {
      return "%s, %d outstanding"
          .formatted(load.kind().name().toLowerCase(Locale.ROOT), load.outstanding());
    }
  }

  @Override
  public Integer call() throws IOException {
    String machine = Machine.describe();
    List<Line> lines = new ArrayList<>();
    for (Load.Kind kind : Load.Kind.values()) {
      for (int count : outstanding) {
        lines.add(
            new Line(
                new Load(kind, count, keys, seconds),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>()));
      }
    }
    List<String> notes = new ArrayList<>();
    try (var directory = new TemporaryDirectory("henge-bench-")) {
      // One after the other: six processes at once would share two cores.
      progress.show("starting henge");
      try (Peer our =
          new HengePeer(henge.program(), directory.subdirectory("henge"), javaOptions)) {
        notes.add(our.describe());
        measure(our, lines, true);
        notes.add("henge: " + Figures.mebibytes(our.use().residentBytes()) + " in all at the end");
      }
      if (!alone && hasEtcd(notes)) {
        progress.show("starting etcd");
        try (Peer their = new EtcdPeer(directory.subdirectory("etcd"))) {
          notes.add(their.describe());
          measure(their, lines, false);
          notes.add(
              "etcd: " + Figures.mebibytes(their.use().residentBytes()) + " in all at the end");
        }
      }
    }
    progress.clear();
    print(machine, notes, lines);
    return 0;
  }

  private static boolean hasEtcd(List<String> notes) {
    try {
      EtcdPeer.version();
      return true;
    } catch (IOException missing) {
      notes.add("etcd is not on the path (Debian's package etcd-server has it): not compared");
      return false;
    }
  }

  private void measure(Peer peer, List<Line> lines, boolean isOurs) throws IOException {
    progress.show(peer.name() + ": loading");
    peer.load(keys);
    for (int round = 1; round <= rounds; round++) {
      for (Line line : lines) {
        progress.show("%s: round %d of %d, %s".formatted(peer.name(), round, rounds, line.title()));
        ProcessUse before = peer.use();
        long start = System.nanoTime();
        Sample sample = peer.run(line.load);
        double cores = peer.use().cpuSecondsSince(before) / ((System.nanoTime() - start) / 1e9);
        (isOurs ? line.ours : line.theirs).add(sample);
        (isOurs ? line.ourCores : line.theirCores).add(cores);
      }
    }
  }

  private void print(String machine, List<String> notes, List<Line> lines) {
    System.out.println("Machine: " + machine);
    System.out.printf(
        Locale.ROOT,
        "Load: closed loops at the leader, keys of %d and values of %d bytes, %d round(s) of %.0f"
            + " s, medians%n",
        Load.KEY_BYTES,
        Load.VALUE_BYTES,
        rounds,
        seconds);
    notes.forEach(note -> System.out.println("- " + note));
    System.out.println();
    Table speeds = new Table("requests a second", "henge", "etcd", "henge / etcd");
    Table details = new Table("p50 / p99 ms; errors; cores of the servers", "henge", "etcd");
    for (Line line : lines) {
      double our = median(line.ours, Sample::requestsPerSecond);
      double their = median(line.theirs, Sample::requestsPerSecond);
      speeds.row(
          List.of(
              line.title(), Figures.count(our), Figures.count(their), Figures.ratio(our, their)));
      details.row(
          List.of(
              line.title(),
              detail(line.ours, line.ourCores),
              detail(line.theirs, line.theirCores)));
    }
    System.out.println(speeds);
    System.out.println(details);
  }

  private static String detail(List<Sample> samples, List<Double> cores) {
    if (samples.isEmpty()) {
      return "-";
    }
    return "%s / %s; %d; %s"
        .formatted(
            Figures.decimal(median(samples, Sample::millisP50), 2),
            Figures.decimal(median(samples, Sample::millisP99), 2),
            samples.stream().mapToLong(Sample::errorCount).sum(),
            Figures.decimal(Figures.median(cores.stream().mapToDouble(core -> core)), 2));
  }

  private static double median(List<Sample> samples, ToDoubleFunction<Sample> figure) {
    return Figures.median(samples.stream().mapToDouble(figure));
  }
}
