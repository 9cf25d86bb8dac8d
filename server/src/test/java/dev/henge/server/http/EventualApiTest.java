package dev.henge.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.server.Server;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.resps.ScanResult;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An eventual keyspace as clients meet it, over HTTP and with a Redis client: a whole server, real
/// sockets.
final class EventualApiTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final ProtocolCommand SELECT = () -> "SELECT".getBytes(UTF_8);
  private static final ProtocolCommand MULTI = () -> "MULTI".getBytes(UTF_8);
  private static final ProtocolCommand HENGE_GET = () -> "HENGE.GET".getBytes(UTF_8);
  private static final ProtocolCommand HENGE_PUT = () -> "HENGE.PUT".getBytes(UTF_8);
  private static final ProtocolCommand HENGE_DEL = () -> "HENGE.DEL".getBytes(UTF_8);

  @SuppressWarnings("NullAway.Init") // by JUnit
  @TempDir
  static Path directory;

  @SuppressWarnings("NullAway.Init") // by start
  private static Server server;

  @SuppressWarnings("NullAway.Init") // by start
  private static HttpClient client;

  @BeforeAll
  static void start() throws Exception {
    server =
        Server.start(
            NodeConfig.builder()
                .set(Settings.DATA, directory.toString())
                .set(Settings.PORT, 0)
                .build());
    client = HttpClient.newHttpClient();
    HttpResponse<byte[]> made = put("/v1/keyspaces/carts", "{\"mode\":\"eventual\"}");
    assertEquals(201, made.statusCode(), text(made));
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    server.close();
  }

  @Test
  void aValueIsPutReadAndDeleted() throws Exception {
    String path = "/v1/carts/keys/life";
    HttpResponse<byte[]> none = get(path);
    assertProblem(404, "no_such_key", none);
    assertFalse(header(none, "Henge-Context").isEmpty());

    HttpResponse<byte[]> made = put(path, "first");
    assertEquals(201, made.statusCode(), text(made));
    assertEquals("1", header(made, "Henge-Copies"));
    assertEquals("0", header(made, "Henge-Hints"));
    HttpResponse<byte[]> again =
        put(path, "second", "Henge-Context", header(made, "Henge-Context"));
    assertEquals(204, again.statusCode(), text(again));

    HttpResponse<byte[]> read = get(path);
    assertEquals("second", text(read));
    assertEquals(header(again, "ETag"), header(read, "ETag"));
    assertEquals("1", header(read, "Henge-Copies"));
    assertEquals(header(again, "Henge-Context"), header(read, "Henge-Context"));
    assertEquals(304, get(path, "If-None-Match", header(read, "ETag")).statusCode());
    assertEquals(200, get(path, "If-None-Match", header(made, "ETag")).statusCode());
    HttpResponse<byte[]> head = send("HEAD", path, null);
    assertEquals("6", header(head, "Content-Length"));
    assertEquals(header(read, "ETag"), header(head, "ETag"));

    assertEquals(204, put(path, "short", "Henge-Ttl-Ms", "100000").statusCode());
    assertTrue(Long.parseLong(header(get(path), "Henge-Ttl-Ms")) > 1000);
    assertEquals(204, put(path, "kept", "Henge-Ttl-Ms", "keep").statusCode());
    assertTrue(Long.parseLong(header(get(path), "Henge-Ttl-Ms")) > 1000);

    assertEquals(204, send("DELETE", path, null).statusCode());
    assertProblem(404, "no_such_key", send("DELETE", path, null));
    assertEquals(404, send("HEAD", path, null).statusCode());
  }

  @Test
  void concurrentValuesComeInOneAnswerAndAreMergedByItsContext() throws Exception {
    String path = "/v1/carts/keys/siblings";
    String nothing = header(get(path), "Henge-Context");
    put(path, "left", "Henge-Context", nothing);
    put(path, "right\0", "Henge-Context", nothing, "Henge-Ttl-Ms", "100000");

    HttpResponse<byte[]> both = get(path);
    assertEquals(300, both.statusCode());
    assertEquals("application/json", header(both, "Content-Type"));
    JsonNode json = JSON.readTree(both.body());
    assertEquals(header(both, "Henge-Context"), json.path("context").asString());
    Set<String> values = new TreeSet<>();
    for (JsonNode value : json.path("values")) {
      byte[] bytes = Base64.getDecoder().decode(value.path("value").asString());
      assertEquals(bytes.length, value.path("contentLength").asInt());
      assertEquals("string", value.path("type").asString());
      assertTrue(value.path("writtenMillis").asLong() > 0);
      assertEquals(bytes.length == 6, value.has("expiryMillis"));
      values.add(new String(bytes, UTF_8));
    }
    assertEquals(Set.of("left", "right\0"), values);
    assertEquals(304, get(path, "If-None-Match", header(both, "ETag")).statusCode());
    HttpResponse<byte[]> head = send("HEAD", path, null);
    assertEquals(300, head.statusCode());
    assertEquals(0, head.body().length);
    assertProblem(409, "siblings", put(path, "x", "Henge-Ttl-Ms", "keep"));

    JsonNode page = JSON.readTree(get("/v1/carts/keys?prefix=siblings&values").body());
    assertEquals(json.path("values"), page.path("items").path(0).path("values"));
    assertEquals(json.path("context"), page.path("items").path(0).path("context"));

    put(path, "merged", "Henge-Context", header(both, "Henge-Context"));
    assertEquals("merged", text(get(path)));
  }

  @Test
  void whatMakesNoSenseIsRefusedByName() throws Exception {
    String path = "/v1/carts/keys/refused";
    String context = header(put(path, "value"), "Henge-Context");
    assertProblem(400, "bad_context", put("/v1/carts/keys/other", "x", "Henge-Context", context));
    String cut = context.substring(1);
    assertProblem(400, "bad_context", put(path, "x", "Henge-Context", cut));
    assertProblem(400, "bad_context", send("DELETE", path, null, "Henge-Context", cut));
    assertProblem(400, "bad_request", put(path, "x", "If-Match", "*"));
    assertProblem(400, "bad_request", put(path, "x", "If-None-Match", "*"));
    assertProblem(400, "bad_request", send("DELETE", path, null, "If-Match", "\"1\""));
    assertProblem(400, "bad_request", get(path, "If-Match", "*"));
    assertProblem(400, "bad_request", get(path, "Henge-Consistency", "stale"));
    assertProblem(400, "bad_request", put(path, "x", "Henge-Request-Id", "0".repeat(32)));
    assertProblem(400, "bad_request", get(path, "Henge-R", "0"));
    assertProblem(400, "bad_request", get(path, "Henge-R", "many"));
    assertProblem(400, "bad_request", get(path, "Henge-R", "4"));
    assertProblem(400, "bad_request", put(path, "x", "Henge-W", "4"));
    // Three copies are declared, but there is one member.
    assertProblem(503, "unavailable", get(path, "Henge-R", "2"));
    assertProblem(503, "unavailable", put(path, "x", "Henge-W", "3"));
    assertEquals("value", text(get(path, "Henge-R", "all")));

    String strong = "/v1/default/keys/refused";
    assertProblem(400, "bad_request", put(strong, "x", "Henge-Context", context));
    assertProblem(400, "bad_request", put(strong, "x", "Henge-W", "1"));
    assertProblem(400, "bad_request", get(strong, "Henge-R", "1"));
  }

  @Test
  void jedisUsesItAsRedis() {
    try (var redis = new Jedis("127.0.0.1", server.respPort(), 60_000)) {
      redis.sendCommand(SELECT, "carts");
      assertEquals("OK", redis.set("jedis:a", "1", SetParams.setParams().ex(1000)));
      assertTrue(redis.ttl("jedis:a") > 100);
      assertEquals("OK", redis.mset("jedis:b", "2", "jedis:c", "3"));
      assertEquals(List.of("1", "2", "3"), redis.mget("jedis:a", "jedis:b", "jedis:c"));
      assertEquals(3, redis.exists("jedis:a", "jedis:b", "jedis:c"));
      assertEquals(42, redis.incrBy("jedis:count", 42));
      assertEquals("42", redis.get("jedis:count"));
      assertEquals("counter", redis.type("jedis:count"));
      assertEquals(1, redis.expire("jedis:b", 500));
      assertEquals(1, redis.persist("jedis:b"));
      assertEquals(2, redis.del("jedis:a", "jedis:b", "jedis:missing"));
      JedisDataException refused =
          assertThrows(JedisDataException.class, () -> redis.append("jedis:c", "x"));
      assertEquals("ERR APPEND needs a strong or cache keyspace", refused.getMessage());
      refused = assertThrows(JedisDataException.class, () -> redis.sendCommand(MULTI));
      assertEquals("ERR MULTI needs a strong keyspace", refused.getMessage());
      assertThrows(
          JedisDataException.class, () -> redis.set("jedis:c", "x", SetParams.setParams().nx()));
    }
  }

  /// A connection's requests are done in its order, though they are sent without waiting.
  @Test
  void jedisReadsItsOwnPipelinedWrites() {
    try (var redis = new Jedis("127.0.0.1", server.respPort(), 60_000)) {
      redis.sendCommand(SELECT, "carts");
      Pipeline pipeline = redis.pipelined();
      List<Response<String>> reads = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        pipeline.set("own:" + i % 7, Integer.toString(i));
        reads.add(pipeline.get("own:" + i % 7));
        expected.add(Integer.toString(i));
      }
      pipeline.sync();
      assertEquals(expected, reads.stream().map(Response::get).toList());
    }
  }

  @Test
  void jedisScans() {
    try (var redis = new Jedis("127.0.0.1", server.respPort(), 60_000)) {
      redis.sendCommand(SELECT, "carts");
      Pipeline pipeline = redis.pipelined();
      for (int i = 0; i < 300; i++) {
        pipeline.set("scan:" + i, "x");
      }
      pipeline.sync();
      Set<String> seen = new HashSet<>();
      String cursor = ScanParams.SCAN_POINTER_START;
      do {
        ScanResult<String> page = redis.scan(cursor, new ScanParams().match("scan:*").count(50));
        seen.addAll(page.getResult());
        cursor = page.getCursor();
      } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
      assertEquals(300, seen.size());
      assertTrue(redis.dbSize() >= 300);
    }
  }

  @Test
  void jedisCarriesContexts() throws Exception {
    try (var redis = new Jedis("127.0.0.1", server.respPort(), 60_000)) {
      redis.sendCommand(SELECT, "carts");
      List<?> none = (List<?>) redis.sendCommand(HENGE_GET, "context");
      String nothing = words(none).getFirst();
      redis.sendCommand(HENGE_PUT, "context", "left", "CONTEXT", nothing, "W", "one");
      redis.sendCommand(HENGE_PUT, "context", "right", "CONTEXT", nothing);
      List<String> both = words((List<?>) redis.sendCommand(HENGE_GET, "context", "R", "quorum"));
      assertEquals(List.of("left", "right"), both.subList(1, 3));
      JedisDataException refused =
          assertThrows(JedisDataException.class, () -> redis.get("context"));
      assertEquals(
          "SIBLINGS 'context' has 2 concurrent values: read them with HENGE.GET",
          refused.getMessage());
      // The same key and context over HTTP.
      put("/v1/carts/keys/context", "merged", "Henge-Context", both.getFirst());
      assertEquals("merged", redis.get("context"));
      List<?> done = (List<?>) redis.sendCommand(HENGE_DEL, "context");
      assertEquals(List.of(1L, 0L), done.subList(1, 3));
      assertEquals(1, words((List<?>) redis.sendCommand(HENGE_GET, "context")).size());
    }
  }

  private static List<String> words(List<?> reply) {
    return reply.stream().map(each -> new String((byte[]) each, UTF_8)).toList();
  }

  private static HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    return send("GET", path, null, headers);
  }

  private static HttpResponse<byte[]> put(String path, String body, String... headers)
      throws Exception {
    return send("PUT", path, body, headers);
  }

  private static HttpResponse<byte[]> send(
      String method, String path, @Nullable String body, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + server.httpAddress() + path))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static void assertProblem(int status, String error, HttpResponse<byte[]> answer) {
    assertEquals(status, answer.statusCode(), text(answer));
    assertEquals(error, JSON.readTree(answer.body()).path("error").asString(), text(answer));
  }

  private static String header(HttpResponse<byte[]> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), UTF_8);
  }
}
