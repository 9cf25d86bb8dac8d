package dev.henge.simulation.tool;

import dev.henge.simulation.Report;
import dev.henge.simulation.Simulation;
import dev.henge.simulation.SimulationOptions;
import dev.henge.simulation.eventual.EventualSimulation;
import dev.henge.simulation.node.NodeClusters;
import dev.henge.simulation.replica.ReplicaClusters;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `henge sim`: many seeds, one after the other or two at a time.
///
/// - Exit status: 0 when all seeds are good, 1 when one is not, 2 for a command line that makes no
///   sense.
@Command(
    name = "sim",
    header = "Simulates clusters under faults, a whole run from each seed, and judges them.",
    description = {
      "Each run has 3 to 5 machines, 60 s of virtual time under faults, and more than a thousand"
          + " operations. Then everything heals, and every answer must be linearizable, no"
          + " acknowledged write lost, all replicas equal, and the cluster must serve again.",
      "A seed gives the same run each time. What fails prints the command that repeats it."
    },
    mixinStandardHelpOptions = true)
public final class Main implements Callable<Integer> {
  private static final int CELLS = 30;

  @Option(names = "--seeds", description = "How many (default: ${DEFAULT-VALUE}).")
  private long seeds = 100;

  @Option(names = "--seed", description = "The first one (default: ${DEFAULT-VALUE}).")
  private long first = 1;

  @Option(names = "--nodes", description = "3 to 5 machines (default: as the seed says).")
  private int nodes;

  @Option(
      names = "--replicas",
      description = "Replicas of groups alone, without the nodes around them.")
  private boolean replicas;

  @Option(
      names = "--eventual",
      description =
          "Eventual keyspaces: the members' parts of them alone, judged by what they promise.")
  private boolean eventual;

  @Option(
      names = "--gossip",
      description =
          "Gossip alone, in clusters of many sizes: prints what it costs and how soon what is"
              + " known.")
  private boolean gossip;

  @Option(
      names = "--members",
      split = ",",
      description = "Sizes of the clusters that gossip (default: ${DEFAULT-VALUE}).")
  private List<Integer> members = List.of(10, 100, 1000, 5000);

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Also draws what --gossip prints, as SVG.")
  private @Nullable Path plot;

  @Option(names = "--threads", description = "Runs at a time (default: ${DEFAULT-VALUE}).")
  private int threads = 1;

  @Option(
      names = "--progress",
      paramLabel = "FILE",
      description = "Keeps how far this is, and goes on from there when started again.")
  private @Nullable Path progress;

  @Option(names = "--each", description = "Prints a line for every seed.")
  private boolean each;

  private final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
  private final AtomicLong next = new AtomicLong();

  // guarded by this
  private final List<Long> bad = new ArrayList<>();
  private long done;
  private long operations;
  private long virtualMillis;
  private long doneBefore;

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Main()).setUsageHelpAutoWidth(true).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (gossip) {
      return GossipTable.print(out, members, first, plot);
    }
    resume();
    out.printf(
        Locale.ROOT,
        "seeds %d to %d, %s, %s machines, %d at a time%s%n",
        first,
        first + seeds - 1,
        switch (subject()) {
          case NODES -> "complete nodes";
          case REPLICAS -> "replicas alone";
          case EVENTUAL -> "eventual keyspaces";
        },
        nodes == 0 ? (eventual ? "3 to 7" : "3 to 5") : nodes,
        threads,
        doneBefore > 0 ? ", going on behind " + doneBefore : "");
    long started = System.nanoTime();
    next.set(first + doneBefore);
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      workers.add(Thread.ofPlatform().name("simulation-" + i).start(this::work));
    }
    for (Thread worker : workers) {
      worker.join();
    }
    double seconds = (System.nanoTime() - started) / 1e9;
    out.printf(
        Locale.ROOT,
        "%s%d seeds in %.1f s, %d wrong; %d operations, %.0f times as fast as real time%n",
        onTerminal() ? "\r" : "",
        done,
        seconds,
        bad.size(),
        operations,
        virtualMillis / 1e3 / seconds);
    out.println(
        "again: "
            + SimulationOptions.command(
                bad.isEmpty() ? first : bad.getFirst(),
                bad.isEmpty() ? seeds : 1,
                nodes,
                subject()));
    return bad.isEmpty() ? 0 : 1;
  }

  private void work() {
    while (true) {
      long seed = next.getAndIncrement();
      if (seed >= first + seeds) {
        return;
      }
      Report report;
      try {
        report = run(seed);
      } catch (RuntimeException broken) {
        throw new IllegalStateException("seed " + seed + " ended the simulator", broken);
      }
      tell(report);
    }
  }

  private Report run(long seed) {
    return switch (subject()) {
      case NODES ->
          Simulation.run(
              seed, SimulationOptions.drawnForNodes(seed, nodes), NodeClusters::complete);
      case REPLICAS ->
          Simulation.run(seed, SimulationOptions.drawn(seed, nodes), ReplicaClusters::strong);
      case EVENTUAL ->
          EventualSimulation.run(seed, SimulationOptions.drawnForEventual(seed, nodes));
    };
  }

  private SimulationOptions.Subject subject() {
    return eventual
        ? SimulationOptions.Subject.EVENTUAL
        : replicas ? SimulationOptions.Subject.REPLICAS : SimulationOptions.Subject.NODES;
  }

  private synchronized void tell(Report report) {
    done++;
    operations += report.answered();
    virtualMillis += report.virtualMillis();
    if (!report.isGood()) {
      bad.add(report.seed());
    }
    if (!report.isGood() || each) {
      out.println((onTerminal() ? "\r" : "") + report.text());
    }
    long total = seeds - doneBefore;
    if (onTerminal()) {
      int full = (int) (done * CELLS / total);
      out.printf(
          Locale.ROOT,
          "\r  [%s%s] %d of %d, %d wrong ",
          "#".repeat(full),
          ".".repeat(CELLS - full),
          done,
          total,
          bad.size());
      out.flush();
    }
    keep();
  }

  /// With several at a time some seeds may be run again: never left out.
  private void keep() {
    if (progress != null) {
      try {
        long sure = Math.max(doneBefore, doneBefore + done - threads + 1);
        Path fresh = progress.resolveSibling(progress.getFileName() + ".new");
        Files.writeString(fresh, wanted() + " " + sure + " " + bad + "\n");
        Files.move(fresh, progress, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException("cannot keep " + progress, e);
      }
    }
  }

  /// What a file of progress is about.
  private String wanted() {
    return first + " " + seeds + " " + nodes + " " + subject().name().toLowerCase(Locale.ROOT);
  }

  private void resume() throws IOException {
    if (progress == null || !Files.exists(progress)) {
      return;
    }
    String kept = Files.readString(progress);
    String[] words = kept.startsWith(wanted() + " ") ? kept.split(" ", 6) : new String[0];
    if (words.length < 6) {
      throw new IOException(progress + " is of other seeds: remove it, or give those");
    }
    doneBefore = Math.min(seeds, Long.parseLong(words[4]));
    for (String seed : words[5].replaceAll("[^0-9,]", "").split(",", -1)) {
      if (!seed.isEmpty()) {
        bad.add(Long.parseLong(seed));
      }
    }
  }

  private static boolean onTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }
}
