package dev.henge.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `henge keyspace create|list`.
@Command(name = "keyspace", header = "Create keyspaces, and list them.")
final class KeyspaceCommand implements Runnable {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  KeyspaceCommand() {}

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  @Command(
      name = "create",
      header = "Create a keyspace.",
      description =
          "What is declared stays so. Creating a keyspace that is there already changes nothing,"
              + " and fails where its declaration is another one.")
  int create(
      @Mixin HttpTarget server,
      @Parameters(paramLabel = "NAME", description = "What SELECT and HTTP paths call it.")
          String name,
      @Option(
              names = "--durability",
              paramLabel = "MODE",
              description = "fsync (default), interval or os.")
          @Nullable String durability,
      @Option(
              names = "--ttl-millis",
              paramLabel = "N",
              description = "Expiry of objects written without one. Default: none.")
          @Nullable Long ttlMillis,
      @Option(
              names = "--compression",
              paramLabel = "KIND",
              description = "none, lz4 (default) or zstd.")
          @Nullable String compression,
      @Option(
              names = "--groups",
              paramLabel = "N",
              description = "Groups that share the keys, 1 (default) to 256.")
          @Nullable Integer groups,
      @Option(names = "--key-bytes", paramLabel = "N", description = "Longest key.")
          @Nullable Integer keyBytes,
      @Option(names = "--value-bytes", paramLabel = "N", description = "Longest value.")
          @Nullable Integer valueBytes)
      throws IOException {
    JsonMapper json = new JsonMapper();
    ObjectNode declaration = json.createObjectNode();
    putIfGiven(declaration, "durability", durability);
    putIfGiven(declaration, "ttlMillis", ttlMillis);
    putIfGiven(declaration, "compression", compression);
    putIfGiven(declaration, "groups", groups);
    ObjectNode limits = json.createObjectNode();
    putIfGiven(limits, "keyBytes", keyBytes);
    putIfGiven(limits, "valueBytes", valueBytes);
    declaration.set("limits", limits);
    byte[] body = declaration.toString().getBytes(StandardCharsets.UTF_8);
    HttpTarget.Answer answer =
        server.send("PUT", "/v1/keyspaces/" + HttpTarget.segment(name), body).expect(200, 201);
    print(answer.json());
    return 0;
  }

  private static void putIfGiven(ObjectNode node, String name, @Nullable Object value) {
    if (value != null) {
      node.putPOJO(name, value);
    }
  }

  @Command(name = "list", header = "List the named keyspaces and how they are declared.")
  int list(@Mixin HttpTarget server) throws IOException {
    JsonNode answer = server.send("GET", "/v1/keyspaces", null).expect(200).json();
    for (JsonNode keyspace : answer.path("keyspaces")) {
      print(keyspace);
    }
    return 0;
  }

  /// One line: the name, then `field=value` for the rest.
  private void print(JsonNode keyspace) {
    PrintWriter out = spec.commandLine().getOut();
    StringBuilder line = new StringBuilder(keyspace.path("name").asString(""));
    keyspace
        .properties()
        .forEach(field -> {
          if (!field.getKey().equals("name") && field.getValue().isValueNode()) {
            line.append(' ').append(field.getKey()).append('=');
            line.append(field.getValue().asString(""));
          }
        });
    out.println(line);
    out.flush();
  }
}
