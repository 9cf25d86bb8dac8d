package dev.henge.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
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
              names = "--mode",
              paramLabel = "MODE",
              description =
                  "strong (default): one order of all operations; eventual: always writable.")
          @Nullable String mode,
      @Option(
              names = "--durability",
              paramLabel = "LEVEL",
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
              description = "Groups that share the keys of a strong keyspace, 1 (default) to 256.")
          @Nullable Integer groups,
      @Option(
              names = "--n",
              paramLabel = "N",
              description =
                  "Copies of each object of an eventual keyspace, 3 (default) of 1 to 15.")
          @Nullable Integer copies,
      @Option(
              names = "--r",
              paramLabel = "N",
              description = "Copies that a read asks. Default: a majority.")
          @Nullable Integer readCopies,
      @Option(
              names = "--w",
              paramLabel = "N",
              description = "Copies that a write waits for. Default: a majority.")
          @Nullable Integer writeCopies,
      @Option(
              names = "--quorum",
              paramLabel = "KIND",
              description =
                  "sloppy (default): another member may keep a copy for one that cannot be reached;"
                      + " strict: only the owners count.")
          @Nullable String quorum,
      @Option(
              names = "--conflicts",
              paramLabel = "KIND",
              description =
                  "siblings (default): writes that did not know of each other all stay; latest: the"
                      + " latest one.")
          @Nullable String conflicts,
      @Option(
              names = "--placement",
              paramLabel = "DC=N",
              split = ",",
              description = "Copies in each data centre, as in eu=3,us=2.")
          @Nullable Map<String, Integer> placement,
      @Option(names = "--key-bytes", paramLabel = "N", description = "Longest key.")
          @Nullable Integer keyBytes,
      @Option(names = "--value-bytes", paramLabel = "N", description = "Longest value.")
          @Nullable Integer valueBytes)
      throws IOException {
    JsonMapper json = new JsonMapper();
    ObjectNode declaration = json.createObjectNode();
    putIfGiven(declaration, "mode", mode);
    putIfGiven(declaration, "durability", durability);
    putIfGiven(declaration, "ttlMillis", ttlMillis);
    putIfGiven(declaration, "compression", compression);
    putIfGiven(declaration, "groups", groups);
    putIfGiven(declaration, "n", copies);
    putIfGiven(declaration, "r", readCopies);
    putIfGiven(declaration, "w", writeCopies);
    putIfGiven(declaration, "quorum", quorum);
    putIfGiven(declaration, "conflicts", conflicts);
    if (placement != null) {
      ObjectNode centres = declaration.putObject("placement");
      placement.forEach(centres::put);
    }
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

  /// One line: the name, then `field=value` for the rest, numbers by data centre as
  /// `placement=eu=3,us=2`.
  private void print(JsonNode keyspace) {
    PrintWriter out = spec.commandLine().getOut();
    StringBuilder line = new StringBuilder(keyspace.path("name").asString(""));
    keyspace
        .properties()
        .forEach(field -> {
          if (!field.getKey().equals("name") && field.getValue().isValueNode()) {
            line.append(' ').append(field.getKey()).append('=');
            line.append(field.getValue().asString(""));
          } else if (field.getKey().equals("placement") && !field.getValue().isEmpty()) {
            line.append(
                field.getValue().properties().stream()
                    .map(centre -> centre.getKey() + "=" + centre.getValue().asString(""))
                    .collect(Collectors.joining(",", " placement=", "")));
          }
        });
    out.println(line);
    out.flush();
  }
}
