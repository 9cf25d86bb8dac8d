package dev.henge.server.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.server.Server;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisDataException;

/// Writes under a request id happen once, wherever the keyspace is and whoever leads.
final class RequestIdTest {
  private static final ProtocolCommand REQUEST = () -> "HENGE.REQUEST".getBytes(UTF_8);

  @SuppressWarnings("NullAway.Init") // by JUnit
  @TempDir
  Path directory;

  @Test
  void onceAcrossAChangeOfLeaders() throws Exception {
    try (var cluster = new ThreeNodes(directory)) {
      ThreeNodes.Node leader = cluster.leader(1);
      List<ThreeNodes.Node> others = cluster.nodes.stream().filter(node -> node != leader).toList();
      List<Object> first = new ArrayList<>();
      Object exec;
      try (Jedis redis = connect(others.getFirst().respPort)) {
        // pipelined like any other write: in order, and each sees those before
        Pipeline pipeline = redis.pipelined();
        List<Response<Object>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
          answers.add(pipeline.sendCommand(REQUEST, id(i), "INCR", "pipelined"));
        }
        Response<String> last = pipeline.get("pipelined");
        pipeline.sync();
        answers.forEach(answer -> first.add(answer.get()));
        assertEquals("200", last.get());
        assertEquals(200L, first.getLast());
        exec = exec(redis, id(1000));
        assertEquals("[1, 2]", String.valueOf(exec));
        // the same id with something else: nothing is done
        redis.sendCommand(Protocol.Command.MULTI);
        redis.sendCommand(Protocol.Command.INCR, "transacted");
        assertFails("ERR another", () -> redis.sendCommand(REQUEST, id(1000), "EXEC"));
        assertEquals("2", redis.get("transacted"));
      }
      leader.stop();
      try (Jedis redis = connect(others.getLast().respPort)) {
        for (int i = 0; i < 200; i++) {
          assertEquals(first.get(i), redis.sendCommand(REQUEST, id(i), "INCR", "pipelined"));
        }
        assertEquals("200", redis.get("pipelined"));
        assertEquals(exec, exec(redis, id(1000)));
        assertEquals("2", redis.get("transacted"));
      }
    }
  }

  /// On a node alone, over a restart, and when the keyspace gets replicas on other nodes.
  @Test
  void onceOnANodeAloneAndWhenOthersCome() throws Exception {
    try (var test = new TestCluster(directory)) {
      Server alone = test.start(0);
      Object exec;
      HttpResponse<String> put;
      try (Jedis redis = connect(alone.respPort())) {
        Pipeline pipeline = redis.pipelined();
        Response<Object> first = pipeline.sendCommand(REQUEST, id(1), "INCR", "count");
        Response<Object> again = pipeline.sendCommand(REQUEST, id(1), "INCR", "count");
        Response<Object> other = pipeline.sendCommand(REQUEST, id(2), "INCR", "count");
        pipeline.sync();
        assertEquals(1L, first.get());
        assertEquals(1L, again.get());
        assertEquals(2L, other.get());
        exec = exec(redis, id(3));
        assertEquals("[1, 2]", String.valueOf(exec));
        redis.set("watched", "a");
        redis.watch("watched");
        redis.set("watched", "b");
        redis.sendCommand(Protocol.Command.MULTI);
        redis.sendCommand(Protocol.Command.INCR, "never");
        assertNull(redis.sendCommand(REQUEST, id(4), "EXEC"));
        refusals(redis);
      }
      put = put(alone, id(5), "\"7\", \"8\"");
      assertEquals(412, put.statusCode());
      put = put(alone, id(6), null);
      assertEquals(201, put.statusCode());
      again(alone, exec, put);
      test.stop(alone);
      Server restarted = test.start(0);
      again(restarted, exec, put);
      Server second = test.start(1);
      Server third = test.start(2);
      TestCluster.awaitFormed(3, restarted, second, third);
      again(third, exec, put);
      again(restarted, exec, put);
    }
  }

  private static void again(Server server, Object exec, HttpResponse<String> put) throws Exception {
    try (Jedis redis = connect(server.respPort())) {
      assertEquals(1L, redis.sendCommand(REQUEST, id(1), "INCR", "count"));
      assertEquals(2L, redis.sendCommand(REQUEST, id(2), "INCR", "count"));
      assertEquals("2", redis.get("count"));
      assertEquals(exec, exec(redis, id(3)));
      assertEquals("2", redis.get("transacted"));
      redis.sendCommand(Protocol.Command.MULTI);
      redis.sendCommand(Protocol.Command.INCR, "never");
      assertNull(redis.sendCommand(REQUEST, id(4), "EXEC"));
      assertNull(redis.get("never"));
    }
    // what its own first time has changed does not refuse it
    HttpResponse<String> once = put(server, id(6), null);
    assertEquals(201, once.statusCode());
    assertEquals(put.headers().firstValue("etag"), once.headers().firstValue("etag"));
    String tag = put.headers().firstValue("etag").orElseThrow();
    HttpResponse<String> conditional = put(server, id(7), tag + ", \"1\"");
    assertEquals(204, conditional.statusCode(), conditional.body());
    HttpResponse<String> repeated = put(server, id(7), tag + ", \"1\"");
    assertEquals(204, repeated.statusCode(), repeated.body());
    assertEquals(conditional.headers().firstValue("etag"), repeated.headers().firstValue("etag"));
  }

  private static void refusals(Jedis redis) {
    assertFails("ERR only writes", () -> redis.sendCommand(REQUEST, id(9), "GET", "count"));
    assertFails("ERR HENGE.REQUEST takes", () -> redis.sendCommand(REQUEST, "1", "INCR", "count"));
    assertFails("ERR HENGE.REQUEST takes", () -> redis.sendCommand(REQUEST, id(9), "PING"));
    assertFails("ERR EXEC without MULTI", () -> redis.sendCommand(REQUEST, id(9), "EXEC"));
    redis.sendCommand(Protocol.Command.MULTI);
    assertFails("ERR within MULTI", () -> redis.sendCommand(REQUEST, id(9), "INCR", "count"));
    assertFails("EXECABORT", () -> redis.sendCommand(Protocol.Command.EXEC));
  }

  private static void assertFails(String begin, Runnable request) {
    var refused = assertThrows(JedisDataException.class, request::run);
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.startsWith(begin), message);
  }

  private static Object exec(Jedis redis, String id) {
    redis.sendCommand(Protocol.Command.MULTI);
    redis.sendCommand(Protocol.Command.INCR, "transacted");
    redis.sendCommand(Protocol.Command.INCR, "transacted");
    return redis.sendCommand(REQUEST, id, "EXEC");
  }

  private static HttpResponse<String> put(Server server, String id, @Nullable String ifMatch)
      throws Exception {
    URI uri = URI.create("http://" + server.httpAddress() + "/v1/default/keys/put");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .header("Henge-Request-Id", id)
            .PUT(HttpRequest.BodyPublishers.ofString("value"));
    if (ifMatch != null) {
      request.header("If-Match", ifMatch);
    }
    try (var client = HttpClient.newHttpClient()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private static Jedis connect(int port) {
    return new Jedis("127.0.0.1", port, 60_000);
  }

  private static String id(int number) {
    return "%032x".formatted(number);
  }
}
