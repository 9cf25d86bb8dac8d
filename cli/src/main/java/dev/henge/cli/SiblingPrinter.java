package dev.henge.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import tools.jackson.databind.JsonNode;

/// Prints concurrent values of a key for a person: of each a line about it, then its bytes; at the
/// end what to do about them.
final class SiblingPrinter {
  private SiblingPrinter() {}

  /// @param siblings as HTTP answers them with status 300
  static void print(String key, JsonNode siblings, PrintStream out) throws IOException {
    JsonNode values = siblings.path("values");
    line(out, "key " + key + " has " + values.size() + " concurrent values");
    int number = 0;
    for (JsonNode value : values) {
      number++;
      Instant written = Instant.ofEpochMilli(value.path("writtenMillis").asLong(0));
      line(
          out,
          "%d: %s of %d bytes, written %s"
              .formatted(
                  number,
                  value.path("type").asString(""),
                  value.path("contentLength").asLong(0),
                  written));
      out.write(Base64.getDecoder().decode(value.path("value").asString("")));
      line(out, "");
    }
    line(out, "context " + siblings.path("context").asString(""));
    line(out, "put the merged value with --context and this context: it replaces all of them");
    out.flush();
  }

  private static void line(PrintStream out, String text) throws IOException {
    out.write((text + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
