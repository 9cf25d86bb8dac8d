package dev.henge.benchmark.strong;

import dev.henge.benchmark.cluster.Comparison;
import dev.henge.benchmark.cluster.Load;
import dev.henge.benchmark.cluster.Pairs;
import dev.henge.benchmark.cluster.Peer;
import dev.henge.benchmark.report.Figures;
import dev.henge.benchmark.report.Machine;
import dev.henge.benchmark.report.Progress;
import dev.henge.benchmark.report.TemporaryDirectory;
import dev.henge.benchmark.server.HengeOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
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

  @Override
  public Integer call() throws IOException {
    String machine = Machine.describe();
    List<Load> loads = new ArrayList<>();
    outstanding.forEach(count -> loads.add(StrongLoads.put(count, keys, seconds)));
    outstanding.forEach(count -> loads.add(StrongLoads.get(count, keys, seconds)));
    var comparison = new Comparison(loads, rounds, progress);
    List<String> notes = new ArrayList<>();
    try (var directory = new TemporaryDirectory("henge-bench-")) {
      // One after the other: six processes at once would share two cores.
      progress.show("starting henge");
      Path ours = directory.subdirectory("henge");
      try (Peer peer = new HengePeer(henge.program(), ours, javaOptions, StrongLoads.PAIRS)) {
        measure(comparison, peer, true, notes);
      }
      if (!alone && hasEtcd(notes)) {
        progress.show("starting etcd");
        try (Peer peer = new EtcdPeer(directory.subdirectory("etcd"), StrongLoads.PAIRS)) {
          measure(comparison, peer, false, notes);
        }
      }
    }
    progress.clear();
    System.out.println("Machine: " + machine);
    System.out.printf(
        Locale.ROOT,
        "Load: closed loops at the leader, keys of %d and values of %d bytes, %d round(s) of %.0f"
            + " s, medians%n",
        Pairs.KEY_BYTES,
        StrongLoads.VALUE_BYTES,
        rounds,
        seconds);
    notes.forEach(note -> System.out.println("- " + note));
    System.out.println();
    comparison.print("henge", "etcd");
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

  private void measure(Comparison comparison, Peer peer, boolean isOurs, List<String> notes)
      throws IOException {
    notes.add(peer.describe());
    progress.show(peer.name() + ": loading");
    peer.run(Load.fill(keys));
    comparison.measure(peer, 0, isOurs);
    notes.add(
        peer.name() + ": " + Figures.mebibytes(peer.use().residentBytes()) + " in all at the end");
  }
}
