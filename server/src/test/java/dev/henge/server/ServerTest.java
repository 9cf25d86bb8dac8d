package dev.henge.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.system.FreePorts;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/// A whole node on real sockets and a real disk.
final class ServerTest {
  @SuppressWarnings("NullAway.Init") // by JUnit
  @TempDir
  Path directory;

  @Test
  void oneNodeServesTheSameDataOverBothProtocols() throws Exception {
    try (Server server = Server.start(config());
        Jedis redis = new Jedis("127.0.0.1", server.respPort(), 60_000);
        HttpClient client = HttpClient.newHttpClient()) {
      redis.set("by-redis", "value 1");
      assertEquals("value 1", get(client, server, "default", "by-redis"));
      assertEquals(201, put(client, server, "default", "by-http", "value 2"));
      assertEquals("value 2", redis.get("by-http"));
      redis.select(3);
      redis.set("in-three", "value 3");
      assertEquals("value 3", get(client, server, "3", "in-three"));
      byte[] binary = {0, '/', '%', (byte) 0xff};
      redis.set(binary, binary);
      assertArrayEquals(
          binary,
          client
              .send(
                  HttpRequest.newBuilder(uri(server, "/v1/3/keys/%00%2F%25%FF")).build(),
                  HttpResponse.BodyHandlers.ofByteArray())
              .body());
    }
  }

  @Test
  void keyspacesAndDataAreThereAfterARestart() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      String identity;
      try (Server server = Server.start(config())) {
        var declare =
            HttpRequest.newBuilder(uri(server, "/v1/keyspaces/users"))
                .PUT(HttpRequest.BodyPublishers.ofString("{\"durability\":\"interval\"}"))
                .build();
        assertEquals(201, client.send(declare, HttpResponse.BodyHandlers.ofString()).statusCode());
        assertEquals(201, put(client, server, "users", "ann", "1"));
        assertEquals(201, put(client, server, "default", "bob", "2"));
        identity = index(client, server);
      }
      try (Server server = Server.start(config())) {
        assertEquals("1", get(client, server, "users", "ann"));
        assertEquals("2", get(client, server, "default", "bob"));
        assertEquals(identity, index(client, server));
        assertEquals(204, put(client, server, "users", "ann", "3"));
      }
    }
  }

  @Test
  void aSecondNodeOnTheSameDirectoryIsRefused() throws Exception {
    try (Server server = Server.start(config())) {
      IOException refused = assertThrows(IOException.class, () -> Server.start(config()));
      assertTrue(refused.toString().contains("locked"), refused.toString());
    }
    // The refused start has released nothing that the first one held, and kept nothing of its own.
    Server.start(config()).close();
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    int port = FreePorts.ofNodes(1);
    try (Server server = Server.start(config("data", port))) {
      IOException refused =
          assertThrows(IOException.class, () -> Server.start(config("other", port)));
      assertEquals(port, server.respPort());
      assertTrue(
          IntStream.range(port, port + FreePorts.OF_A_NODE)
              .anyMatch(used -> refused.toString().contains(":" + used)),
          refused.toString());
    }
  }

  @Test
  void faultyJavaIsRefusedByName() {
    for (String version : new String[] {"24.0.2", "25", "25.0.2"}) {
      IOException refused =
          assertThrows(IOException.class, () -> JavaVersion.check(Runtime.Version.parse(version)));
      assertTrue(refused.toString().contains("25.0.3"), refused.toString());
    }
    for (String version : new String[] {"25.0.3", "25.1", "26"}) {
      try {
        JavaVersion.check(Runtime.Version.parse(version));
      } catch (IOException e) {
        throw new AssertionError(version, e);
      }
    }
  }

  private NodeConfig config() throws Exception {
    return config("data", 0);
  }

  private NodeConfig config(String data, int port) throws Exception {
    return NodeConfig.builder()
        .set(Settings.DATA, directory.resolve(data).toString())
        .set(Settings.PORT, port)
        .build();
  }

  private static URI uri(Server server, String path) {
    return URI.create("http://" + server.httpAddress() + path);
  }

  private static String index(HttpClient client, Server server) throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(uri(server, "/")).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static String get(HttpClient client, Server server, String keyspace, String key)
      throws Exception {
    var request = HttpRequest.newBuilder(uri(server, "/v1/" + keyspace + "/keys/" + key)).build();
    HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    assertEquals(200, response.statusCode());
    return new String(response.body(), UTF_8);
  }

  private static int put(
      HttpClient client, Server server, String keyspace, String key, String value)
      throws Exception {
    var request =
        HttpRequest.newBuilder(uri(server, "/v1/" + keyspace + "/keys/" + key))
            .PUT(HttpRequest.BodyPublishers.ofString(value))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
  }
}
