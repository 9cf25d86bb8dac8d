package dev.henge.cli;

import dev.henge.cli.terminal.UserError;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `henge get`: prints a value.
@Command(
    name = "get",
    header = "Print the value of a key.",
    description =
        "Exit status 1 when there is no such key; 3 when a key of an eventual keyspace has"
            + " concurrent values, which are printed with the context to merge them with.")
final class GetCommand implements Callable<Integer> {
  /// HTTP's status for several values.
  private static final int SEVERAL = 300;

  /// Exit status for several values.
  private static final int SIBLINGS = 3;

  @Spec private CommandSpec spec;

  @Mixin private KeyTarget target = new KeyTarget();

  @Parameters(paramLabel = "KEY")
  private String key = "";

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Write the value's bytes there, without a line end behind them.")
  private @Nullable Path file;

  @Option(
      names = {"-r", "--read-level"},
      paramLabel = "LEVEL",
      description =
          "Copies to ask: a number, or one of one, quorum, all, local_quorum, each_quorum."
              + " Eventual keyspaces only.")
  private @Nullable String read;

  @Option(
      names = "--show-context",
      description =
          "Print to the standard error the context that a write of this key hands back. Eventual"
              + " keyspaces only.")
  private boolean show;

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  GetCommand() {}

  @Override
  public Integer call() throws IOException {
    HttpTarget.Answer answer =
        target.send("GET", key, null, read == null ? Map.of() : Map.of("Henge-R", read));
    if (show) {
      spec.commandLine().getErr().println("context " + answer.header("Henge-Context"));
    }
    if (answer.status() == SEVERAL) {
      SiblingPrinter.print(key, answer.json(), System.out);
      return SIBLINGS;
    }
    if (!answer.found()) {
      spec.commandLine().getErr().println("henge: there is no key " + key);
      return UserError.FAILED;
    }
    if (file != null) {
      Files.write(file, answer.body());
    } else {
      OutputStream out = System.out;
      out.write(answer.body());
      out.write('\n');
      out.flush();
    }
    return 0;
  }
}
