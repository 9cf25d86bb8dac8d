package dev.henge.benchmark.strong;

import dev.henge.benchmark.cluster.HengeCluster;
import dev.henge.benchmark.cluster.Load;
import dev.henge.benchmark.cluster.Sample;
import dev.henge.benchmark.report.Figures;
import dev.henge.benchmark.report.Machine;
import dev.henge.benchmark.report.ProcessUse;
import dev.henge.benchmark.report.Progress;
import dev.henge.benchmark.report.Promises;
import dev.henge.benchmark.report.TemporaryDirectory;
import dev.henge.benchmark.server.HengeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `henge bench failover`: what clients feel when nodes die, stop and stall, and what idle groups
/// cost. Ends with status 1 when a promise is not kept.
@Command(
    name = "failover",
    description = "Measures three nodes while leaders die, stop and followers stall.",
    mixinStandardHelpOptions = true)
public final class FailoverBench implements Callable<Integer> {
  private static final double UNAVAILABLE_SECONDS_MAX = 3;
  private static final double P99_RATIO_MAX = 2;
  private static final double IDLE_CORES_MAX = 0.03;
  private static final long KEYS = 10_000;
  private static final int OUTSTANDING = 64;

  @Option(
      names = "--rounds",
      defaultValue = "20",
      description = "Leaders killed, and leaders stopped. Default: ${DEFAULT-VALUE}.")
  private int rounds = 20;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "Length of each load and of the idle time. Default: ${DEFAULT-VALUE}.")
  private double seconds = 10;

  @Option(
      names = "--groups",
      defaultValue = "64",
      description = "Groups that are idle. Default: ${DEFAULT-VALUE}.")
  private int groups = 64;

  @Mixin private HengeOptions henge = new HengeOptions();

  private final Progress progress = new Progress();
  private final Promises promises = new Promises();

  @Override
  public Integer call() throws IOException {
    String machine = Machine.describe();
    String command;
    try (var directory = new TemporaryDirectory("henge-bench-")) {
      progress.show("starting");
      try (var cluster = new HengeCluster(henge.program(), directory.path(), "")) {
        command = cluster.describe();
        die(cluster);
        stop(cluster);
        stall(cluster);
        idle(cluster);
      }
    }
    progress.clear();
    System.out.println("Machine: " + machine);
    System.out.println("- " + command);
    System.out.println();
    System.out.println(promises);
    return promises.kept() ? 0 : 1;
  }

  /// SIGKILL of the leader, while a client writes through another node.
  private void die(HengeCluster cluster) throws IOException {
    List<Double> gaps = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      progress.show("killing leaders: round " + round + " of " + rounds);
      int leader = cluster.leader();
      try (var writer = new SteadyWriter(cluster.port((leader + 1) % HengeCluster.NODES))) {
        awaitWrites(writer, 100);
        if (cluster.leader() != leader) {
          round--; // leadership moved before it was time
          continue;
        }
        writer.reset();
        cluster.kill(leader);
        awaitWrites(writer, 100);
        gaps.add(writer.longestSeconds());
      }
      cluster.start(leader);
      cluster.awaitReplicas();
    }
    promises.tell("no acknowledgement after SIGKILL of a leader, median", median(gaps) + " s");
    double longest = Collections.max(gaps);
    promises.promise(
        "the longest of " + rounds,
        Figures.decimal(longest, 2) + " s",
        "< 3.00 s",
        longest < UNAVAILABLE_SECONDS_MAX);
  }

  /// SIGTERM of the leader, which hands leadership over first.
  private void stop(HengeCluster cluster) throws IOException {
    List<Double> gaps = new ArrayList<>();
    long errors = 0;
    for (int round = 1; round <= rounds; round++) {
      progress.show("stopping leaders: round " + round + " of " + rounds);
      int leader = cluster.leader();
      try (var writer = new SteadyWriter(cluster.port((leader + 1) % HengeCluster.NODES))) {
        awaitWrites(writer, 100);
        if (cluster.leader() != leader) {
          round--; // leadership moved before it was time
          continue;
        }
        writer.reset();
        cluster.stop(leader);
        awaitWrites(writer, 100);
        gaps.add(writer.longestSeconds());
        errors += writer.errorCount();
      }
      cluster.start(leader);
      cluster.awaitReplicas();
    }
    promises.tell("no acknowledgement around SIGTERM of a leader, median", median(gaps) + " s");
    promises.promise(
        "errors that the client saw, " + rounds + " rounds", "" + errors, "0", errors == 0);
  }

  /// A follower stands still.
  private void stall(HengeCluster cluster) throws IOException {
    int leader = cluster.leader();
    int follower = (leader + 1) % HengeCluster.NODES;
    Load load = StrongLoads.put(OUTSTANDING, KEYS, seconds);
    progress.show("a follower stalls");
    HengePeer.run(load, StrongLoads.PAIRS, cluster.port(leader)); // warm
    Sample before = HengePeer.run(load, StrongLoads.PAIRS, cluster.port(leader));
    cluster.pause(follower, true);
    Sample paused;
    try {
      paused = HengePeer.run(load, StrongLoads.PAIRS, cluster.port(leader));
    } finally {
      cluster.pause(follower, false);
    }
    cluster.awaitReplicas();
    promises.tell(
        "put, 64 outstanding: requests a second, p99",
        Figures.count(before.requestsPerSecond())
            + ", "
            + Figures.decimal(before.millisP99(), 1)
            + " ms");
    promises.tell(
        "with a follower paused by SIGSTOP",
        Figures.count(paused.requestsPerSecond())
            + ", "
            + Figures.decimal(paused.millisP99(), 1)
            + " ms");
    double ratio = paused.millisP99() / before.millisP99();
    promises.promise(
        "p99 with by p99 without", Figures.decimal(ratio, 2), "<= 2", ratio <= P99_RATIO_MAX);
  }

  private void idle(HengeCluster cluster) throws IOException {
    int node = 0;
    long threadsBefore = threads(cluster, node);
    progress.show("making " + groups + " groups");
    cluster.declare("idle", "{\"mode\":\"strong\",\"groups\":" + groups + "}");
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(5));
    progress.show(groups + " groups are idle");
    ProcessUse before = cluster.use(node);
    long start = System.nanoTime();
    LockSupport.parkNanos((long) (seconds * 1e9));
    double cores = cluster.use(node).cpuSecondsSince(before) / ((System.nanoTime() - start) / 1e9);
    promises.promise(
        "cores of a node with " + groups + " idle groups",
        Figures.decimal(cores, 3),
        "< 0.030",
        cores < IDLE_CORES_MAX);
    long threads = threads(cluster, node);
    promises.tell("threads of a node before and with them", threadsBefore + ", " + threads);
    promises.tell(
        "resident memory of a node with them",
        Figures.mebibytes(cluster.use(node).residentBytes()));
  }

  private static long threads(HengeCluster cluster, int node) throws IOException {
    Path status = Path.of("/proc", Long.toString(cluster.processId(node)), "status");
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("Threads:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  private static void awaitWrites(SteadyWriter writer, long more) throws IOException {
    long wanted = writer.count() + more;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (writer.count() < wanted) {
      if (System.nanoTime() > end) {
        throw new IOException("no writes are acknowledged for 60 s");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  private static String median(List<Double> values) {
    return Figures.decimal(Figures.median(values.stream().mapToDouble(Double::doubleValue)), 2);
  }
}
