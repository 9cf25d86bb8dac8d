package dev.henge.cli;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Which keyspace of which server: options of every command about keys.
final class KeyTarget {
  @Mixin private HttpTarget server = new HttpTarget();

  @Option(
      names = {"-k", "--keyspace"},
      paramLabel = "NAME",
      defaultValue = "default",
      description =
          "'default' (database 0), '1' to '15', or a declared name. Default: ${DEFAULT-VALUE}.")
  private String keyspace = "default";

  KeyTarget() {}

  /// Sends a request about `key`.
  ///
  /// @param headers besides those that every request has
  HttpTarget.Answer send(
      String method, String key, byte @Nullable [] body, Map<String, String> headers)
      throws IOException {
    return server.send(method, path() + "/" + HttpTarget.segment(key), body, headers);
  }

  /// Sends a request about the keyspace's keys as a whole.
  ///
  /// @param query with its question mark, encoded
  HttpTarget.Answer list(String query) throws IOException {
    return server.send("GET", path() + query, null);
  }

  private String path() {
    return "/v1/" + HttpTarget.segment(keyspace) + "/keys";
  }
}
