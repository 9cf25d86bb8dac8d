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

/// `henge bench`: the benchmark program as a process with its own class path, for the peers that it
/// measures have no place in a server.
@Command(
    name = "bench",
    header = "Measure Henge beside its peers.",
    description = {
      "'henge bench engine' measures the storage engine against RocksDB and LMDB, 'henge bench"
          + " resp' a server against Redis. 'henge bench engine --help' tells more.",
    })
final class BenchCommand implements Callable<Integer> {
  private static final String MAIN = "dev.henge.benchmark.Main";

  @Parameters(arity = "0..*", paramLabel = "ARGUMENT", description = "Passed on as they are.")
  private List<String> arguments = List.of();

  BenchCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    String file = System.getProperty("henge.benchmark.classpath");
    String root = System.getProperty("henge.root");
    if (file == null || root == null) {
      throw UserError.failed("the benchmark is started by the ./henge script of the sources");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-XX:+UseCompactObjectHeaders");
    // Where the command is that starts the servers to measure, whatever directory this is run in.
    command.add("-Dhenge.root=" + root);
    command.addAll(List.of("-cp", Files.readString(Path.of(file)).strip(), MAIN));
    command.addAll(arguments);
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
