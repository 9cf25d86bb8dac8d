package dev.henge.server.cluster;

import static dev.henge.server.cluster.TestCluster.await;
import static dev.henge.server.cluster.TestCluster.awaitFormed;
import static dev.henge.server.cluster.TestCluster.cluster;
import static dev.henge.server.cluster.TestCluster.metadata;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.replication.replica.Change;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.replication.replica.Outcome;
import dev.henge.server.Server;
import dev.henge.server.eventual.EventualMember;
import dev.henge.server.store.DeclareOutcome;
import dev.henge.storage.Access;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Copies that nobody told of each other's writes are brought together when somebody asks.
final class RepairTest {
  private static final String KEYSPACE = "baskets";
  private static final int KEYS = 50;

  @SuppressWarnings("NullAway.Init") // by JUnit
  @TempDir
  Path directory;

  @Test
  void aRepairMakesAllCopiesEqual() throws Exception {
    try (var test = new TestCluster(directory)) {
      Server first = test.start(0);
      Server second = test.start(1);
      Server third = test.start(2);
      List<Server> all = List.of(first, second, third);
      awaitFormed(3, first, second, third);
      assertInstanceOf(
          DeclareOutcome.Created.class,
          TestCluster.declare(first, KEYSPACE, KeyspaceDeclaration.EVENTUAL));
      assertInstanceOf(
          DeclareOutcome.Created.class,
          TestCluster.declare(first, "strict", KeyspaceDeclaration.DEFAULT));
      for (Server server : all) {
        await(() -> isOpen(server), () -> metadata(server).toString());
      }
      for (int i = 0; i < KEYS; i++) {
        write(first, "first:" + i, "one");
        write(second, "second:" + i, "two");
        write(third, "third:" + i, "three");
        write(all.get(i % 3), "shared:" + i, "here");
        write(all.get((i + 1) % 3), "shared:" + i, "there");
      }

      // Whoever is asked, also one that is believed to be away for a moment on a busy machine.
      await(() -> repaired(second), () -> post(second, KEYSPACE).body());

      for (int i = 0; i < KEYS; i++) {
        for (String name : List.of("first:", "second:", "third:", "shared:")) {
          byte[] key = (name + i).getBytes(UTF_8);
          byte[] stored = replica(first).stored(key, Access.DISK);
          assertNotNull(stored, name + i);
          assertArrayEquals(stored, replica(second).stored(key, Access.DISK), name + i);
          assertArrayEquals(stored, replica(third).stored(key, Access.DISK), name + i);
        }
        byte[] shared = ("shared:" + i).getBytes(UTF_8);
        assertEquals(2, replica(third).read(shared, Access.DISK).siblings().size());
      }
      refusals(first);

      test.stop(third);
      HttpResponse<String> alone = post(first, KEYSPACE);
      assertEquals(200, alone.statusCode(), alone.body());
      assertFalse(json(alone).path("equal").asBoolean(true), alone.body());
      assertTrue(json(alone).path("trouble").asString("").contains("member"), alone.body());
    }
  }

  private static void refusals(Server server) {
    HttpResponse<String> unknown = post(server, "nobody");
    assertEquals(404, unknown.statusCode(), unknown.body());
    assertTrue(unknown.body().contains("no_such_keyspace"), unknown.body());
    HttpResponse<String> strong = post(server, "strict");
    assertEquals(409, strong.statusCode(), strong.body());
    assertTrue(strong.body().contains("refused"), strong.body());
    HttpResponse<String> database = post(server, "default");
    assertEquals(409, database.statusCode(), database.body());
  }

  private static boolean repaired(Server server) {
    HttpResponse<String> answer = post(server, KEYSPACE);
    return answer.statusCode() == 200 && json(answer).path("equal").asBoolean(false);
  }

  private static HttpResponse<String> post(Server server, String keyspace) {
    var uri = "http://" + server.httpAddress() + "/v1/cluster/repair?keyspace=" + keyspace;
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .sendAsync(
              HttpRequest.newBuilder(URI.create(uri))
                  .POST(HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .join();
    }
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JsonMapper.shared().readTree(answer.body());
  }

  /// Writes to one copy alone.
  private static void write(Server server, String key, String value) throws Exception {
    var change = new Change.Put(null, 0, 0, value.getBytes(UTF_8));
    assertInstanceOf(
        Outcome.Done.class, replica(server).write(key.getBytes(UTF_8), change, Access.DISK));
  }

  private static boolean isOpen(Server server) {
    return metadata(server)
        .keyspace(KEYSPACE)
        .map(keyspace -> member(server).replica(keyspace.id()) != null)
        .orElse(false);
  }

  private static KeyspaceReplica replica(Server server) {
    int id = metadata(server).keyspace(KEYSPACE).orElseThrow().id();
    return Objects.requireNonNull(member(server).replica(id));
  }

  private static EventualMember member(Server server) {
    return (EventualMember) cluster(server).eventual();
  }
}
