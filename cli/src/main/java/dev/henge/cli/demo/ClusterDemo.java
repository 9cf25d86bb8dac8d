package dev.henge.cli.demo;

import dev.henge.base.system.FreePorts;
import dev.henge.cli.process.LocalCluster;
import dev.henge.cli.process.ServerProcess;
import dev.henge.cli.terminal.ProgressBar;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/// The story of `henge demo` on several nodes: the leader dies in the middle of the writes, and
/// nothing that was acknowledged is lost. [EventualStory] is its second part.
///
/// - Threads: one.
final class ClusterDemo {
  /// Which share of the second wave is acknowledged when the leader is killed.
  private static final double KILL_AT = 0.4;

  /// The group of databases 0-15.
  private static final long DATABASES = 1;

  private final PrintWriter out;
  private final boolean terminal;
  private final Path directory;
  private final int port;
  private final int nodes;
  private final String durability;

  /// @param directory empty; gets the nodes' data, their logs and the ledger
  ClusterDemo(
      PrintWriter out, boolean terminal, Path directory, int port, int nodes, String durability) {
    this.out = out;
    this.terminal = terminal;
    this.directory = directory;
    this.port = port;
    this.nodes = nodes;
    this.durability = durability;
  }

  /// @return whether every check holds
  boolean run(WordNet wordNet, long seed) throws IOException {
    long start = System.nanoTime();
    say(
        "WordNet 3.1: %,d pairs, %.1f MB of keys and values",
        wordNet.count(), wordNet.bytes() / 1e6);
    FailoverWave wave = new FailoverWave(wordNet, 2, directory.resolve("ledger.txt"), seed);
    Verdict verdict;
    int wrong;
    try (LocalCluster cluster = startCluster()) {
      Load load = new Load(wordNet, out, terminal);
      load.write(cluster.node(nodes > 1 ? 1 : 0).respPort());
      wrong = load.compare(cluster.node(nodes - 1).respPort());

      int leader = leader(cluster);
      int through = (leader + 1) % nodes;
      say("");
      say(
          "A second wave overwrites and deletes through node %d; SIGKILL of the leader, node %d, in"
              + " the middle.",
          through, leader);
      ServerProcess victim = cluster.node(leader);
      ProgressBar bar = new ProgressBar(out, terminal, "Write on", wordNet.count());
      wave.write(
          cluster.node(through).respPort(),
          (int) (wordNet.count() * KILL_AT),
          victim::kill,
          bar::update);
      bar.finish(wave.acknowledgedCount(), "acknowledged");
      say("%-20s process %d, node %d", "Killed", victim.processId(), leader);
      say(
          "%-20s %,d ms without an acknowledgement; %,d writes with an unknown outcome",
          "Failover", wave.longestMillis(), wave.unknownCount());
      say("%-20s node %d", "New leader", leader(cluster));

      ServerProcess back = cluster.restart(leader);
      say(
          "%-20s node %d, process %d, ready after %,d ms",
          "Restarted", leader, back.processId(), back.startMillis());
      bar = new ProgressBar(out, terminal, "Judge by the ledger", wordNet.count());
      verdict = wave.judge(back.respPort(), bar::update);
      bar.finish(verdict.total(), "read through node " + leader);
      if (nodes == EventualStory.COPIES) {
        wrong += new EventualStory(cluster, this::say).run();
      }
      for (int i = 0; i < nodes; i++) {
        int status = cluster.node(i).stop();
        if (status != 0) {
          say("%-20s node %d with exit status %d", "Stopped", i, status);
          wrong++;
        }
      }
    }
    VerdictText.print(verdict, this::say);
    boolean good = wrong == 0 && verdict.good() && verdict.total() == wordNet.count();
    say("");
    say(
        "%s (%.1f s)",
        good
            ? "PASSED: every acknowledged write survived, nothing is torn, no conflict was hidden."
            : "FAILED: see above.",
        (System.nanoTime() - start) / 1e9);
    return good;
  }

  private LocalCluster startCluster() throws IOException {
    long start = System.nanoTime();
    LocalCluster cluster =
        LocalCluster.start(
            directory.resolve("data"),
            directory.resolve("logs"),
            port,
            nodes,
            List.of("--durability", durability),
            (index, node) ->
                say(
                    "%-20s process %d on port %d, ready after %,d ms, durability %s",
                    "Node " + index,
                    node.processId(),
                    node.respPort(),
                    node.startMillis(),
                    durability));
    cluster.awaitFormed();
    say("%-20s %d nodes after %,d ms", "Cluster", nodes, (System.nanoTime() - start) / 1_000_000);
    return cluster;
  }

  /// Index of the node that leads databases 0-15, waiting for one to.
  private int leader(LocalCluster cluster) throws IOException {
    int[] found = {-1};
    cluster.await(
        "databases 0-15 have no leader",
        status -> {
          found[0] = leader(status);
          return found[0] >= 0 && cluster.node(found[0]).isAlive();
        });
    return found[0];
  }

  /// By the port that the leading member announces; -1 for none.
  private int leader(JsonNode status) {
    long member = 0;
    for (JsonNode group : status.path("groups")) {
      if (group.path("id").asLong(0) == DATABASES) {
        member = group.path("leader").asLong(0);
      }
    }
    for (JsonNode each : status.path("members")) {
      if (member != 0 && each.path("number").asLong(0) == member) {
        return (each.path("respPort").asInt(0) - port) / FreePorts.NODE_STEP;
      }
    }
    return -1;
  }

  private void say(String format, Object... arguments) {
    String text = String.format(Locale.ROOT, format, arguments);
    out.println(text.isEmpty() ? "" : "  " + text);
    out.flush();
  }
}
