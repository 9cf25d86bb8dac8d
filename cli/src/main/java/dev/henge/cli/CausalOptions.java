package dev.henge.cli;

import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What a write to an eventual keyspace says besides its key: what it has read, and how many copies
/// it wants.
final class CausalOptions {
  @Option(
      names = "--context",
      paramLabel = "CONTEXT",
      description =
          "What was read, as 'henge get --show-context' prints it: the write replaces that, and"
              + " stands beside anything else. Eventual keyspaces only.")
  private @Nullable String context;

  @Option(
      names = {"-w", "--write-level"},
      paramLabel = "LEVEL",
      description =
          "Copies that must have the write: a number, or one of one, quorum, all, local_quorum,"
              + " each_quorum. Eventual keyspaces only.")
  private @Nullable String write;

  @Option(
      names = "--show-context",
      description =
          "Print to the standard error the context for the next write, the copies that have this"
              + " one, and how many of them are hints. Eventual keyspaces only.")
  private boolean show;

  CausalOptions() {}

  /// As HTTP has them.
  Map<String, String> headers() {
    var headers = new HashMap<String, String>();
    if (context != null) {
      headers.put("Henge-Context", context);
    }
    if (write != null) {
      headers.put("Henge-W", write);
    }
    return headers;
  }

  /// Tells what came of the write, where that is asked for.
  void report(HttpTarget.Answer answer, PrintWriter err) {
    if (show) {
      err.println("context " + answer.header("Henge-Context"));
      err.println(
          "copies "
              + answer.header("Henge-Copies")
              + ", of them hints "
              + (answer.header("Henge-Hints").isEmpty() ? "0" : answer.header("Henge-Hints")));
      err.flush();
    }
  }
}
