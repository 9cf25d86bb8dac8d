package dev.henge.cli;

import dev.henge.cli.terminal.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Has every member compare its copies of eventual keyspaces, one after another: what the first one
/// made equal costs the others a question.
final class CopiesRepair {
  /// As long as the server takes for a request.
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private final HttpTarget server;
  private final PrintWriter out;

  /// @param server any member
  CopiesRepair(HttpTarget server, PrintWriter out) {
    this.server = server;
    this.out = out;
  }

  /// @param only null for all eventual keyspaces
  /// @return the exit status
  int run(@Nullable String only) throws IOException {
    List<String> keyspaces = only == null ? eventual() : List.of(only);
    if (keyspaces.isEmpty()) {
      out.println("There is no eventual keyspace.");
    }
    boolean equal = true;
    for (String keyspace : keyspaces) {
      equal &= repair(keyspace);
    }
    out.flush();
    return equal ? 0 : UserError.FAILED;
  }

  private boolean repair(String keyspace) throws IOException {
    long slots = 0;
    long treeBytes = 0;
    long objectBytes = 0;
    long keys = 0;
    List<String> troubles = new ArrayList<>();
    JsonNode status = get("/v1/cluster");
    long asked = status.path("self").asLong(0);
    for (JsonNode member : status.path("members")) {
      if (member.path("state").asString("").equals("joining")) {
        continue;
      }
      long number = member.path("number").asLong(0);
      String name = "member " + number;
      if (!member.path("answers").asBoolean(false)) {
        troubles.add(name + " does not answer");
        continue;
      }
      HttpTarget there =
          number == asked
              ? server
              : server.elsewhere(
                  member.path("host").asString(""), member.path("respPort").asInt(0));
      String path = "/v1/cluster/repair?keyspace=" + HttpTarget.segment(keyspace);
      JsonNode done = there.send("POST", path, new byte[0], Map.of(), TIMEOUT).expect(200).json();
      slots += done.path("slots").asLong(0);
      treeBytes += done.path("treeBytes").asLong(0);
      objectBytes += done.path("objectBytes").asLong(0);
      keys += done.path("keysSent").asLong(0) + done.path("keysReceived").asLong(0);
      if (!done.path("equal").asBoolean(false)) {
        troubles.add(name + ": " + done.path("trouble").asString(""));
      }
    }
    out.printf(
        "%s: %,d slots compared with %,d bytes; %,d keys repaired with %,d bytes%n",
        keyspace, slots, treeBytes, keys, objectBytes);
    if (troubles.isEmpty()) {
      out.println("Trees equal.");
    } else {
      troubles.forEach(trouble -> out.println("NOT EQUAL: " + trouble));
    }
    out.flush();
    return troubles.isEmpty();
  }

  private List<String> eventual() throws IOException {
    List<String> names = new ArrayList<>();
    for (JsonNode keyspace : get("/v1/keyspaces").path("keyspaces")) {
      if (keyspace.path("mode").asString("").equals("eventual")) {
        names.add(keyspace.path("name").asString(""));
      }
    }
    return names;
  }

  private JsonNode get(String path) throws IOException {
    return server.send("GET", path, null).expect(200).json();
  }
}
