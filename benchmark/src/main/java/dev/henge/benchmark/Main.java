package dev.henge.benchmark;

import dev.henge.benchmark.engine.EngineBench;
import dev.henge.benchmark.engine.EngineRun;
import dev.henge.benchmark.eventual.EventualBench;
import dev.henge.benchmark.server.MemoryBench;
import dev.henge.benchmark.server.RespBench;
import dev.henge.benchmark.strong.FailoverBench;
import dev.henge.benchmark.strong.StrongBench;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `henge bench`: every measurement is one command, and prints what it was made with.
@Command(
    name = "bench",
    description = "Measures Henge beside its peers.",
    mixinStandardHelpOptions = true,
    subcommands = {
      EngineBench.class,
      RespBench.class,
      StrongBench.class,
      EventualBench.class,
      FailoverBench.class,
      MemoryBench.class,
      EngineRun.class
    })
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Main())
            .setUsageHelpAutoWidth(true)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(Main::tell)
            .execute(arguments));
  }

  /// What went wrong outside is one line; a bug shows where it is.
  private static int tell(Exception error, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (!(error instanceof IOException)) {
      throw error;
    }
    command.getErr().println("henge bench: " + error.getMessage());
    return command.getCommandSpec().exitCodeOnExecutionException();
  }
}
