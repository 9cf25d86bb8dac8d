package dev.henge.cli;

import dev.henge.cli.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
  private static final String MAIN = "dev.henge.simulation.Main";

  @Parameters(arity = "0..*", paramLabel = "ARGUMENT", description = "Passed on as they are.")
  private List<String> arguments = List.of();

  SimulationCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    String file = System.getProperty("henge.simulation.classpath");
    if (file == null) {
      throw UserError.failed("the simulator is started by the ./henge script of the sources");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-XX:+UseCompactObjectHeaders");
    command.add("-XX:+UseSerialGC");
    command.addAll(List.of("-cp", Files.readString(Path.of(file)).strip(), MAIN));
    command.addAll(arguments);
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
