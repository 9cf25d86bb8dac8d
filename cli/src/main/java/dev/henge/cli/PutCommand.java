package dev.henge.cli;

import dev.henge.cli.terminal.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

/// `henge put`: stores a value.
@Command(
    name = "put",
    header = "Store a value under a key.",
    description =
        "The value is as durable as the server's or keyspace's setting says when the command"
            + " returns.")
final class PutCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private KeyTarget target = new KeyTarget();

  @Mixin private CausalOptions causal = new CausalOptions();

  @Parameters(index = "0", paramLabel = "KEY")
  private String key = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "VALUE",
      description = "Text; '-' reads the value's bytes from the standard input.")
  private @Nullable String value;

  @Option(names = "--file", paramLabel = "FILE", description = "Store the file's bytes instead.")
  private @Nullable Path file;

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  PutCommand() {}

  @Override
  public Integer call() throws IOException {
    HttpTarget.Answer answer =
        target.send("PUT", key, content(), causal.headers()).expect(200, 201, 204);
    causal.report(answer, spec.commandLine().getErr());
    return 0;
  }

  private byte[] content() throws IOException {
    if ((value == null) == (file == null)) {
      throw UserError.usage("put takes a VALUE, or --file FILE");
    }
    if (file != null) {
      return Files.readAllBytes(file);
    }
    return "-".equals(value)
        ? System.in.readAllBytes()
        : String.valueOf(value).getBytes(StandardCharsets.UTF_8);
  }
}
