package dev.henge.cli;

import dev.henge.cli.terminal.UserError;
import dev.henge.server.config.ConfigException;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `henge up`: the shortest way to a running server.
@Command(
    name = "up",
    header = "Start a server on this machine.",
    description = {
      "Starts one node in this process. It prints 'henge: ready ...' when it serves, stops cleanly"
          + " on Ctrl-C or SIGTERM, and keeps its data for the next time. 'henge server' has more"
          + " settings.",
    })
final class UpCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "1",
      description = "Nodes to start; only 1 so far: clusters are not there yet.")
  private int nodes;

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
      description = "For Redis clients; HTTP is one above. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--fresh",
      description =
          "Delete what is in the data directory first. Nothing is deleted from a directory that"
              + " holds anything else than Henge's data, or that a server has open.")
  private boolean fresh;

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  UpCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (nodes != 1) {
      throw UserError.usage(
          "--nodes "
              + nodes
              + ": clusters are not there yet; 'henge up --nodes 1' starts one node");
    }
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
    if (fresh) {
      DataRemoval.remove(data);
    }
    // What a person sees is the ready line; 'henge server' logs how it was started.
    System.setProperty("henge.log", "WARN");
    ServerRunner.run(config, spec.commandLine().getOut());
    return 0;
  }
}
