package dev.henge.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `henge del`: removes keys.
@Command(
    name = "del",
    header = "Delete keys.",
    description = "Prints how many of the keys were there.")
final class DeleteCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private KeyTarget target = new KeyTarget();

  @Mixin private CausalOptions causal = new CausalOptions();

  @Parameters(arity = "1..*", paramLabel = "KEY")
  private List<String> keys = List.of();

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  DeleteCommand() {}

  @Override
  public Integer call() throws IOException {
    int deleted = 0;
    for (String key : keys) {
      HttpTarget.Answer answer = target.send("DELETE", key, null, causal.headers());
      if (answer.found()) {
        deleted++;
      }
      causal.report(answer, spec.commandLine().getErr());
    }
    spec.commandLine().getOut().println(deleted);
    return 0;
  }
}
