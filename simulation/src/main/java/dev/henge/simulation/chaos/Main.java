package dev.henge.simulation.chaos;

import dev.henge.base.system.SystemDisk;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `henge chaos`: real processes that are killed, stopped, paused and cut off from each other under
/// load, and a verdict on what clients saw. Ends with status 1 on any violation.
@Command(
    name = "henge chaos",
    description = {
      "Kills, stops, pauses and cuts off the nodes of a real cluster under load, lets nodes join,"
          + " leave, replace each other and hand over leadership meanwhile, and judges what"
          + " clients saw: linearizability, lost writes, replicas that differ, nodes that do not"
          + " serve again.",
      "Partitions need Linux network namespaces and the right to make them (root).",
    },
    mixinStandardHelpOptions = true)
public final class Main implements Callable<Integer> {
  /// System property with the words that start a server, a line each.
  private static final String SERVER = "henge.server.command";

  private static final String ALL =
      "kill,kill-all,stop,pause,freeze,partition,one-way,clients,add,remove,replace,transfer";

  @Spec private CommandSpec spec;

  @Option(
      names = "--nodes",
      defaultValue = "3",
      description = "Processes of the cluster, 1 to 9. Default: ${DEFAULT-VALUE}.")
  private int nodes = 3;

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "Rounds, each judged by itself. Default: ${DEFAULT-VALUE}.")
  private int rounds = 3;

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description = "Time of faults in a round. Default: ${DEFAULT-VALUE}.")
  private int seconds = 20;

  @Option(names = "--seed", description = "Of faults and wishes. Default: one that is new.")
  private @Nullable Long seed;

  @Option(
      names = "--faults",
      split = ",",
      defaultValue = ALL,
      description = "Faults to draw from, or 'none'. Default: ${DEFAULT-VALUE}.")
  private List<String> faults = List.of();

  @Option(
      names = "--grow",
      description =
          "Begin with one node, which the others join while clients work and faults happen, before"
              + " the rounds.")
  private boolean grow;

  @Option(
      names = "--transfers",
      defaultValue = "3",
      description =
          "How often, after the rounds, leadership is handed over on request, which no client may"
              + " feel. Default: ${DEFAULT-VALUE}.")
  private int transfers = 3;

  @Option(
      names = "--paused-leaders",
      defaultValue = "3",
      description =
          "How often, after the rounds, the leader is paused, a write commits without it, and it is"
              + " read from when it resumes. Default: ${DEFAULT-VALUE}.")
  private int pausedLeaders = 3;

  @Option(
      names = "--clients",
      defaultValue = "12",
      description = "Clients at the same time. Default: ${DEFAULT-VALUE}.")
  private int clients = 12;

  @Option(
      names = "--think-micros",
      defaultValue = "10000",
      description = "The longest pause of a client. Default: ${DEFAULT-VALUE}.")
  private long thinkMicros = 10_000;

  @Option(
      names = "--heal-seconds",
      defaultValue = "120",
      description =
          "What nodes may take to start, to serve again, and for each check. Default:"
              + " ${DEFAULT-VALUE}.")
  private int healSeconds = 120;

  @Option(
      names = "--directory",
      description =
          "For data and logs; must be empty, and stays. Default: a temporary one, that"
              + " stays only where something was wrong.")
  private @Nullable Path directory;

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Main())
            .setUsageHelpAutoWidth(true)
            .setExecutionExceptionHandler(Main::tell)
            .execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    ChaosOptions options = options();
    out.println("Seed " + options.seed() + ": " + options.command());
    out.flush();
    Path own = directory;
    Path used = own == null ? Files.createTempDirectory("henge-chaos-") : own;
    Files.createDirectories(used);
    long start = System.nanoTime();
    ChaosReport report =
        new ChaosRun(
                options,
                used,
                line -> {
                  out.printf(
                      Locale.ROOT,
                      "[%4d s] %s%n",
                      (System.nanoTime() - start) / 1_000_000_000,
                      line);
                  out.flush();
                })
            .run();
    out.println();
    out.print(report.table());
    report.notes().forEach(note -> out.println("note: " + note));
    report.violations().forEach(violation -> out.println("VIOLATION: " + violation));
    if (!report.isGood()) {
      out.println("Data, logs, history.txt and timeline.txt are in " + used);
    } else if (own == null) {
      new SystemDisk().deleteTree(used);
    }
    out.println(
        report.isGood()
            ? "Good: linearizable, nothing lost, replicas equal, all nodes serve."
            : "FAILED: " + report.violations().size() + " violations.");
    out.println("Again: " + options.command());
    out.flush();
    return report.isGood() ? 0 : 1;
  }

  private ChaosOptions options() {
    String server = System.getProperty(SERVER);
    if (server == null) {
      throw new ParameterException(
          spec.commandLine(),
          "this program is started by 'henge chaos', which says how to start" + " servers");
    }
    check(nodes >= 1 && nodes <= 9, "--nodes " + nodes + ": 1 to 9");
    check(rounds >= 0 && transfers >= 0 && pausedLeaders >= 0, "how often is 0 or more");
    check(seconds > 0 && healSeconds > 0 && clients > 0, "times and clients are 1 or more");
    check(
        nodes > 1 || (transfers == 0 && pausedLeaders == 0),
        "one node cannot hand over leadership: --transfers 0 --paused-leaders 0");
    Long given = seed;
    return new ChaosOptions(
        nodes,
        rounds,
        seconds,
        given == null ? System.nanoTime() & 0xffff_ffffL : given,
        grow,
        transfers,
        pausedLeaders,
        clients,
        thinkMicros,
        healSeconds,
        kinds(),
        List.of(server.split("\n")),
        List.of());
  }

  private Set<FaultKind> kinds() {
    Set<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
    if (!faults.equals(List.of("none"))) {
      for (String word : faults) {
        try {
          kinds.add(FaultKind.of(word));
        } catch (IllegalArgumentException e) {
          throw new ParameterException(spec.commandLine(), e.getMessage() + "; there are " + ALL);
        }
      }
    }
    return kinds;
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }

  /// What went wrong outside is one line; a bug shows where it is.
  private static int tell(Exception error, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (!(error instanceof IOException)) {
      throw error;
    }
    command.getErr().println("henge chaos: " + error.getMessage());
    return command.getCommandSpec().exitCodeOnExecutionException();
  }
}
