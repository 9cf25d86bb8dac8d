package dev.henge.benchmark.eventual;

import dev.henge.benchmark.cassandra.CassandraInstallation;
import dev.henge.benchmark.cassandra.CassandraPeer;
import dev.henge.benchmark.cassandra.CommitLog;
import dev.henge.benchmark.cluster.Comparison;
import dev.henge.benchmark.cluster.Load;
import dev.henge.benchmark.cluster.Pairs;
import dev.henge.benchmark.cluster.Peer;
import dev.henge.benchmark.report.Figures;
import dev.henge.benchmark.report.Machine;
import dev.henge.benchmark.report.Progress;
import dev.henge.benchmark.report.Promises;
import dev.henge.benchmark.report.TemporaryDirectory;
import dev.henge.benchmark.server.HengeOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `henge bench eventual`: an eventual keyspace on three nodes and a table on three nodes of Apache
/// Cassandra under the same load in turn; three copies, two of them asked. Then one Henge node is
/// killed. Ends with status 1 when a promise about that is not kept.
@Command(
    name = "eventual",
    description = "Measures an eventual keyspace of three nodes beside Apache Cassandra.",
    mixinStandardHelpOptions = true)
public final class EventualBench implements Callable<Integer> {
  private static final int VALUE_BYTES = 1024;
  private static final double DEATH_SECONDS_MIN = 10;

  /// What a write has survived when it is acknowledged, and how Cassandra is told.
  private enum Durability {
    /// The death of a process; a power loss takes what was not yet synced.
    INTERVAL(CommitLog.PERIODIC),
    /// A power loss.
    FSYNC(CommitLog.BATCH);

    private final CommitLog commitLog;

    Durability(CommitLog commitLog) {
      this.commitLog = commitLog;
    }
  }

  /// What becomes of concurrent writes of a key.
  private enum Conflicts {
    /// The latest stays, as in Cassandra.
    LATEST,
    /// All stay, and a plain read of such a key is an error.
    SIBLINGS
  }

  @Option(
      names = "--shapes",
      split = ",",
      defaultValue = "A,B,C,D,F",
      description = "YCSB's: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private List<Shape> shapes = List.of();

  @Option(
      names = "--keys-by",
      split = ",",
      defaultValue = "zipfian",
      description =
          "How keys are chosen: ${COMPLETION-CANDIDATES}, or both. Default: ${DEFAULT-VALUE}.")
  private List<Popularity> popularities = List.of();

  @Option(
      names = "--outstanding",
      split = ",",
      defaultValue = "64",
      description = "Requests under way, for each line. Default: ${DEFAULT-VALUE}.")
  private List<Integer> outstanding = List.of();

  @Option(
      names = "--durability",
      defaultValue = "interval",
      description =
          "interval: logs are synced at times (Cassandra: periodic); fsync: before a write is"
              + " acknowledged (batch). Default: ${DEFAULT-VALUE}.")
  private Durability durability = Durability.INTERVAL;

  @Option(
      names = "--conflicts",
      defaultValue = "latest",
      description =
          "latest: of concurrent writes the latest stays, as in Cassandra; siblings: all stay, and"
              + " a plain read of them counts as an error. Default: ${DEFAULT-VALUE}.")
  private Conflicts conflicts = Conflicts.LATEST;

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description =
          "How often each line is measured; medians are printed. Default: ${DEFAULT-VALUE}.")
  private int rounds = 3;

  @Option(
      names = "--seconds",
      defaultValue = "30",
      description = "Length of each measurement. Default: ${DEFAULT-VALUE}.")
  private double seconds = 30;

  @Option(
      names = "--warmup",
      defaultValue = "60",
      description =
          "Seconds that each load runs before it is measured first; Cassandra needs a minute or"
              + " more. Default: ${DEFAULT-VALUE}.")
  private double warmupSeconds = 60;

  @Option(
      names = "--keys",
      defaultValue = "100000",
      description = "Keys of 16 bytes, each with 1 KiB. Default: ${DEFAULT-VALUE}.")
  private long keys = 100_000;

  @Option(
      names = "--java-options",
      defaultValue = "",
      description = "More flags for the JVM of each Henge node, a profiler's for example.")
  private String javaOptions = "";

  @Option(
      names = "--cassandra-heap",
      defaultValue = "2g",
      description = "Heap of each node of Cassandra. Default: ${DEFAULT-VALUE}.")
  private String heap = "2g";

  @Option(
      names = "--java17",
      defaultValue = "${env:HENGE_JAVA17_HOME}",
      description = "A JDK 17 for Cassandra. Default: HENGE_JAVA17_HOME, or one that is found.")
  private @Nullable Path java17;

  @Option(names = "--alone", description = "Without Cassandra.")
  private boolean alone;

  @Option(names = "--no-kill", description = "No node is killed in the end.")
  private boolean noKill;

  @Mixin private HengeOptions henge = new HengeOptions();

  private final Progress progress = new Progress();
  private final Pairs pairs = new Pairs(VALUE_BYTES);
  private final Promises promises = new Promises();
  private final List<String> notes = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    String machine = Machine.describe();
    var comparison = new Comparison(loads(), rounds, progress);
    try (var directory = new TemporaryDirectory("henge-bench-")) {
      // One after the other: six processes at once would share the processors.
      measureOurs(comparison, directory.subdirectory("henge"));
      if (alone) {
        notes.add("Cassandra: not asked for");
      } else {
        measureTheirs(comparison, directory.subdirectory("cassandra"));
      }
    }
    progress.clear();
    System.out.println("Machine: " + machine);
    System.out.printf(
        Locale.ROOT,
        "Load: closed loops over all nodes; %,d keys of %d and values of %,d bytes, three copies;"
            + " %.0f s to warm up, then %d round(s) of %.0f s, medians%n",
        keys,
        Pairs.KEY_BYTES,
        VALUE_BYTES,
        warmupSeconds,
        rounds,
        seconds);
    notes.forEach(note -> System.out.println("- " + note));
    System.out.println();
    comparison.print("henge", "cassandra");
    if (!noKill) {
      System.out.println(promises);
    }
    return promises.kept() ? 0 : 1;
  }

  private List<Load> loads() {
    List<Load> loads = new ArrayList<>();
    for (int count : outstanding) {
      for (Popularity popularity : popularities) {
        for (Shape shape : shapes) {
          // What does not depend on popularity is measured once.
          if (shape.hasPopularity() || popularity == popularities.getFirst()) {
            loads.add(shape.load(popularity, count, keys, seconds));
          }
        }
      }
    }
    return loads;
  }

  private void measureOurs(Comparison comparison, Path directory) throws IOException {
    progress.show("starting henge");
    String declaration =
        "{\"mode\":\"eventual\",\"n\":3,\"r\":2,\"w\":2,\"conflicts\":\"%s\",\"durability\":\"%s\"}"
            .formatted(
                conflicts.name().toLowerCase(Locale.ROOT),
                durability.name().toLowerCase(Locale.ROOT));
    try (var peer = new EventualPeer(henge.program(), directory, javaOptions, declaration, pairs)) {
      measure(comparison, peer, true);
      if (!noKill) {
        progress.show("henge: a node is killed");
        Load load = Shape.A.load(popularities.getFirst(), outstanding.getFirst(), keys, seconds);
        new NodeDeath(peer, Math.max(DEATH_SECONDS_MIN, seconds)).measure(load, promises);
      }
    }
  }

  private void measureTheirs(Comparison comparison, Path directory) throws IOException {
    if (java17 == null) {
      notes.add(
          "Cassandra: not compared, because it needs a JDK 17 and none is found (name its directory"
              + " with --java17)");
      return;
    }
    CassandraInstallation installation;
    progress.show("resolving Cassandra");
    try {
      installation = CassandraInstallation.resolve(java17, directory);
    } catch (IOException e) {
      notes.add("Cassandra: not compared: " + e.getMessage());
      return;
    }
    progress.show("starting Cassandra");
    try (Peer peer =
        new CassandraPeer(installation, directory, durability.commitLog, heap, pairs)) {
      measure(comparison, peer, false);
    }
  }

  private void measure(Comparison comparison, Peer peer, boolean isOurs) throws IOException {
    notes.add(peer.describe());
    progress.show(peer.name() + ": loading");
    peer.run(Load.fill(keys));
    comparison.measure(peer, warmupSeconds, isOurs);
    notes.add(
        peer.name()
            + ": "
            + Figures.mebibytes(peer.use().residentBytes())
            + " of memory in all at the end");
  }
}
