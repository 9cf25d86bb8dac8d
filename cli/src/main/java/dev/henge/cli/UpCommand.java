package dev.henge.cli;

import dev.henge.cli.process.LocalCluster;
import dev.henge.cli.terminal.UserError;
import dev.henge.server.config.ConfigException;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `henge up`: the shortest way to a running server.
@Command(
    name = "up",
    header = "Start a cluster on this machine.",
    description = {
      "Starts nodes, a process each, that form a cluster. Each prints 'henge: ready ...' when it"
          + " serves. All stop cleanly on Ctrl-C or SIGTERM and keep their data for the next time:"
          + " more nodes then join, fewer are refused. 'henge server' runs one node with all its"
          + " settings.",
    })
final class UpCommand implements Callable<Integer> {
  /// Nodes to start where nobody says how many.
  private static final int NODES = 3;

  private static final String LOGS = "logs";

  @Spec private CommandSpec spec;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "Nodes to start, 1 to 9. Default: 3, or as many as have data in the directory.")
  private @Nullable Integer nodes;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "henge-data",
      description = "Where the data is; made when missing. Default: ${DEFAULT-VALUE}.")
  private Path data = Path.of("henge-data");

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "7400",
      description =
          "For Redis clients of the first node. HTTP is one above, peers two, the Redis Cluster"
              + " protocol three; the next node's are 10 above. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--fresh",
      description =
          "Delete what is in the data directory first. Nothing is deleted from a directory that"
              + " holds anything else than Henge's data, or that a server has open.")
  private boolean fresh;

  /// Whether the cluster has formed, and has nodes.
  private volatile boolean serving;

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  UpCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (fresh) {
      removeAll();
    }
    int there = LocalCluster.nodesIn(data);
    int count = nodes != null ? nodes : Math.max(NODES, there);
    if (count < 1 || count > LocalCluster.NODES_MAX) {
      throw UserError.usage("--nodes " + count + ": 1 to " + LocalCluster.NODES_MAX);
    }
    if (count < there) {
      throw UserError.failed(
          data
              + " holds a cluster of "
              + there
              + " nodes: start as many, take members out with 'henge cluster remove' first, or name"
              + " another directory with --data");
    }
    if (count == 1) {
      serveAlone();
    } else {
      serveTogether(count);
    }
    return 0;
  }

  private void removeAll() throws IOException {
    for (int index = LocalCluster.nodesIn(data) - 1; index > 0; index--) {
      Path directory = LocalCluster.nodeDirectory(data, index);
      DataRemoval.remove(directory);
      Files.deleteIfExists(directory.resolve("LOCK"));
      Files.delete(directory);
    }
    Path logs = data.resolve(LOGS);
    for (int index = 0; index < LocalCluster.NODES_MAX; index++) {
      Files.deleteIfExists(LocalCluster.logFile(logs, index));
    }
    Files.deleteIfExists(logs);
    DataRemoval.remove(data);
  }

  /// One node needs no process beside this one.
  private void serveAlone() throws IOException, InterruptedException {
    NodeConfig config;
    try {
      config =
          NodeConfig.builder()
              .set(Settings.DATA.name(), data.toString(), "--data")
              .set(Settings.PORT.name(), Integer.toString(port), "--port")
              .build();
    } catch (ConfigException e) {
      throw UserError.usage(String.valueOf(e.getMessage()));
    }
    // What a person sees is the ready line; 'henge server' logs how it was started.
    System.setProperty("henge.log", "WARN");
    ServerRunner.start(config, spec.commandLine().getOut());
    ServerRunner.awaitSignal();
  }

  private void serveTogether(int count) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    LocalCluster cluster =
        LocalCluster.start(
            data,
            data.resolve(LOGS),
            port,
            count,
            List.of(),
            (index, node) -> {
              out.println(node.readyLine());
              out.flush();
            });
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  cluster.close();
                  // Stopped by a signal it ends like one server: with status 0 when that was clean.
                  Runtime.getRuntime().halt(serving ? 0 : UserError.FAILED);
                },
                "stop"));
    cluster.awaitFormed();
    serving = true;
    out.println(
        "henge: cluster ready nodes="
            + count
            + " resp="
            + LocalCluster.HOST
            + ":"
            + port
            + ", any other node serves the same; logs are in "
            + data.resolve(LOGS));
    out.flush();
    if (cluster.awaitEnd((index, status) -> tellEnd(index, status, count))) {
      return; // this process is being stopped, and has stopped them
    }
    serving = false;
    throw UserError.failed("no node runs any more; see " + data.resolve(LOGS));
  }

  private void tellEnd(int index, int status, int count) {
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        Locale.ROOT,
        "henge: node %d of %d has ended with status %d, the others go on; its log is %s, and the"
            + " next 'henge up' starts it again%n",
        index,
        count,
        status,
        LocalCluster.logFile(data.resolve(LOGS), index));
    err.flush();
  }
}
