package dev.henge.cli;

import dev.henge.cli.terminal.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `henge scan`: prints keys, page after page.
@Command(
    name = "scan",
    header = "Print keys.",
    description = {
      "Prints keys, one a line, in the order in which they are stored (slot, then key). Bytes of a"
          + " key that are no letter, digit or one of -._~ stand as %%XX.",
    })
final class ScanCommand implements Callable<Integer> {
  private static final long PAGE_COUNT = 1000;

  @Spec private CommandSpec spec;

  @Mixin private KeyTarget target = new KeyTarget();

  @Option(
      names = "--prefix",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Only keys that begin with it.")
  private String prefix = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "1000",
      description = "At most so many keys; 0 is all. Default: ${DEFAULT-VALUE}.")
  private long limit;

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  ScanCommand() {}

  @Override
  public Integer call() throws IOException {
    if (limit < 0) {
      throw UserError.usage("--limit is at least 0");
    }
    PrintWriter out = spec.commandLine().getOut();
    long left = limit == 0 ? Long.MAX_VALUE : limit;
    String cursor = "";
    do {
      String query = "?limit=" + Math.min(left, PAGE_COUNT);
      if (!prefix.isEmpty()) {
        query += "&prefix=" + HttpTarget.segment(prefix);
      }
      if (!cursor.isEmpty()) {
        query += "&cursor=" + HttpTarget.segment(cursor);
      }
      JsonNode page = target.list(query).expect(200).json();
      for (JsonNode item : page.path("items")) {
        out.println(item.path("key").asString(""));
        left--;
      }
      out.flush();
      cursor = page.path("cursor").asString("");
    } while (left > 0 && !cursor.isEmpty());
    return 0;
  }
}
