package dev.henge.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// `docs/openapi.yaml` tells the truth: its routes, its errors and its statuses are the server's.
final class OpenApiTest {
  @SuppressWarnings("NullAway.Init") // by read
  private static JsonNode api;

  @BeforeAll
  static void read() throws Exception {
    Path file = Path.of("..", "docs", "openapi.yaml");
    api = new YAMLMapper().readTree(Files.readString(file));
  }

  @Test
  void everyRouteIsDescribedAndNothingElse() {
    Set<String> described = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : api.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        if (!method.getKey().equals("parameters")) {
          described.add(method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
        }
      }
    }
    Set<String> served =
        Arrays.stream(Route.values())
            .map(route -> route.method().name() + " " + route.template())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(served, described);
  }

  @Test
  void everyErrorIsListedAndNothingElse() {
    Set<String> described = new TreeSet<>();
    JsonNode listed =
        api.path("components").path("schemas").path("Error").path("properties").path("error");
    listed.path("enum").forEach(word -> described.add(word.asString()));
    Set<String> known =
        Arrays.stream(Status.values())
            .map(Status::code)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(known, described);
  }

  @Test
  void parametersOfPathsAreDeclared() {
    for (Map.Entry<String, JsonNode> path : api.path("paths").properties()) {
      Set<String> declared = new TreeSet<>();
      for (JsonNode parameter : path.getValue().path("parameters")) {
        JsonNode resolved = resolve(parameter);
        if (resolved.path("in").asString().equals("path")) {
          declared.add("{" + resolved.path("name").asString() + "}");
        }
      }
      Set<String> inTemplate =
          Arrays.stream(path.getKey().split("/", -1))
              .filter(segment -> segment.startsWith("{"))
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(inTemplate, declared, path.getKey());
    }
  }

  private static JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? api.at(node.path("$ref").asString().substring(1)) : node;
  }
}
