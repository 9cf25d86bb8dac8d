package dev.henge.cli;

import dev.henge.cli.terminal.UserError;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
    description = "Exit status 1 when there is no such key.")
final class GetCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private KeyTarget target = new KeyTarget();

  @Parameters(paramLabel = "KEY")
  private String key = "";

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Write the value's bytes there, without a line end behind them.")
  private @Nullable Path file;

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  GetCommand() {}

  @Override
  public Integer call() throws IOException {
    HttpTarget.Answer answer = target.send("GET", key, null);
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
