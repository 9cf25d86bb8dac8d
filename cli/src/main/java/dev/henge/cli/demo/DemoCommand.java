package dev.henge.cli.demo;

import dev.henge.base.system.FreePorts;
import dev.henge.base.system.SystemDisk;
import dev.henge.cli.process.LocalCluster;
import dev.henge.cli.terminal.UserError;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `henge demo`: where the demonstration runs, and its exit status.
@Command(
    name = "demo",
    header = "Real data, a SIGKILL in the middle, and proof that nothing is lost.",
    description = {
      "Loads WordNet 3.1 into a cluster of its own, reads it back, kills the leader with SIGKILL"
          + " while it writes, shows how long nobody could write, starts the node again, and proves"
          + " that every acknowledged write is there. Then an eventual keyspace: two writers who"
          + " cannot see each other, the siblings they leave, a node that is down and gets what it"
          + " missed. With --nodes 1 it is one server that is killed.",
      "",
      "Exit status: 0 when every check holds, 1 when one fails.",
    })
public final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "3",
      description = "1, or 3 to 9. Default: ${DEFAULT-VALUE}.")
  private int nodes;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description =
          "Redis port of the first node; its other ports are behind it, the next node's 10 above."
              + " Default: free ones.")
  private int port;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "A new or empty directory, kept afterwards. Default: a temporary one.")
  private @Nullable Path data;

  @Option(names = "--keep", description = "Keep the temporary directory, too.")
  private boolean keep;

  @Option(
      names = "--durability",
      paramLabel = "MODE",
      defaultValue = "fsync",
      description = "fsync, interval or os. Default: ${DEFAULT-VALUE}.")
  private String durability = "fsync";

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the order of the second wave. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  DemoCommand() {}

  @Override
  public Integer call() throws IOException {
    if (nodes != 1 && (nodes < 3 || nodes > LocalCluster.NODES_MAX)) {
      throw UserError.usage(
          "--nodes " + nodes + ": 1, or 3 to " + LocalCluster.NODES_MAX + " that survive a death");
    }
    Path directory = data == null ? Files.createTempDirectory("henge-demo-") : emptyDirectory(data);
    var out = spec.commandLine().getOut();
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    int base = port != 0 ? port : FreePorts.ofNodes(nodes);
    boolean good = false;
    try {
      good =
          nodes == 1
              ? new Demo(out, terminal, directory, base, durability).run(WordNet.load(), seed)
              : new ClusterDemo(out, terminal, directory, base, nodes, durability)
                  .run(WordNet.load(), seed);
    } finally {
      if (good && data == null && !keep) {
        new SystemDisk().deleteTree(directory);
      } else {
        out.println("Data, ledger and logs are in " + directory);
      }
    }
    return good ? 0 : UserError.FAILED;
  }

  private static Path emptyDirectory(Path directory) throws IOException {
    Files.createDirectories(directory);
    try (Stream<Path> files = Files.list(directory)) {
      if (files.findAny().isPresent()) {
        throw UserError.failed(directory + " is not empty; name a new directory with --data");
      }
    }
    return directory;
  }
}
