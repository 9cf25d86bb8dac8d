package dev.henge.benchmark;

import dev.henge.benchmark.engine.EngineBench;
import dev.henge.benchmark.engine.EngineRun;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `henge bench`: every measurement is one command, and prints what it was made with.
@Command(
    name = "bench",
    description = "Measures Henge beside its peers.",
    mixinStandardHelpOptions = true,
    subcommands = {EngineBench.class, EngineRun.class})
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Main())
            .setUsageHelpAutoWidth(true)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(arguments));
  }
}
