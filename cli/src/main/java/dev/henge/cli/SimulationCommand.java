package dev.henge.cli;

import dev.henge.cli.process.OtherProgram;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `henge sim`: the simulator as a process with its own class path, for it has no place in a
/// server.
@Command(
    name = "sim",
    header = "Simulate clusters under faults, each from a seed.",
    description = {
      "'henge sim --seeds 1000 --threads 2' looks at a thousand seeds, 'henge sim --seed N --seeds"
          + " 1' repeats one. 'henge sim -- --help' tells more.",
    })
final class SimulationCommand implements Callable<Integer> {
  private static final String MAIN = "dev.henge.simulation.tool.Main";

  @Parameters(arity = "0..*", paramLabel = "ARGUMENT", description = "Passed on as they are.")
  private List<String> arguments = List.of();

  SimulationCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    return OtherProgram.run(
        "henge.simulation.classpath", List.of("-XX:+UseSerialGC"), MAIN, arguments);
  }
}
