package dev.henge.cli;

import dev.henge.cli.process.OtherProgram;
import dev.henge.cli.process.ServerProcess;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `henge chaos`: real nodes under real faults. The program is a process with its own class path,
/// and is told how this process would start a server.
@Command(
    name = "chaos",
    header = "Kill, stop, pause and cut off real nodes, and judge what clients saw.")
final class ChaosCommand implements Callable<Integer> {
  private static final String MAIN = "dev.henge.simulation.chaos.Main";

  @Parameters(arity = "0..*", paramLabel = "ARGUMENT", description = "Passed on as they are.")
  private List<String> arguments = List.of();

  ChaosCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    return OtherProgram.run(
        "henge.simulation.classpath",
        List.of("-Dhenge.server.command=" + String.join("\n", ServerProcess.command())),
        MAIN,
        arguments);
  }
}
