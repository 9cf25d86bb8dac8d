package dev.henge.cli.demo;

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
      "Loads WordNet 3.1 into a server of its own, reads it back, kills the server with SIGKILL"
          + " while it writes, starts it again, and proves that every acknowledged write is there.",
      "",
      "Exit status: 0 when every check holds, 1 when one fails.",
    })
public final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Redis port of the server; HTTP is one above. Default: free ones.")
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
    Path directory = data == null ? Files.createTempDirectory("henge-demo-") : emptyDirectory(data);
    var out = spec.commandLine().getOut();
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    Demo demo =
        new Demo(out, terminal, directory, port != 0 ? port : ServerProcess.freePort(), durability);
    boolean good = false;
    try {
      good = demo.run(WordNet.load(), seed);
    } finally {
      if (good && data == null && !keep) {
        delete(directory);
      } else {
        out.println("Data, ledger and server.log are in " + directory);
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

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.toList().reversed()) {
        Files.delete(file);
      }
    }
  }
}
