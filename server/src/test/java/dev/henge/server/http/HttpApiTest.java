package dev.henge.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import dev.henge.base.Slots;
import dev.henge.server.Server;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The HTTP interface as clients meet it: a whole server, real sockets.
final class HttpApiTest {
  private static final int VALUE_BYTES_MAX = 100_000;

  /// Where the node is when its configuration does not say.
  private static final String DATA_CENTRE = "dc1";

  private static final JsonMapper JSON = new JsonMapper();

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
                .set(Settings.VALUE_LIMIT, (long) VALUE_BYTES_MAX)
                .set(Settings.KEY_LIMIT, 1000L)
                .set(Settings.KEYSPACES, 8)
                .build());
    client = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    server.close();
  }

  @Test
  void aValueIsPutReadAndDeleted() throws Exception {
    assertProblem(404, "no_such_key", send("GET", "/v1/default/keys/life", null));
    var created = send("PUT", "/v1/default/keys/life", "first");
    assertEquals(201, created.statusCode());
    var replaced = send("PUT", "/v1/default/keys/life", "second");
    assertEquals(204, replaced.statusCode());
    assertNotEquals(etag(created), etag(replaced));

    var read = send("GET", "/v1/default/keys/life", null);
    assertEquals("second", text(read));
    assertEquals(etag(replaced), etag(read));
    assertEquals("application/octet-stream", header(read, "content-type"));

    var head = send("HEAD", "/v1/default/keys/life", null);
    assertEquals(200, head.statusCode());
    assertEquals("6", header(head, "content-length"));
    assertEquals(etag(read), etag(head));
    assertEquals(0, head.body().length);

    assertEquals(204, send("DELETE", "/v1/default/keys/life", null).statusCode());
    assertProblem(404, "no_such_key", send("DELETE", "/v1/default/keys/life", null));
    assertEquals(404, send("HEAD", "/v1/default/keys/life", null).statusCode());
  }

  @Test
  void keysMayHoldAnyBytes() throws Exception {
    List<byte[]> keys = new ArrayList<>();
    for (int value = 0; value < 256; value++) {
      keys.add(new byte[] {(byte) value});
    }
    for (String odd :
        new String[] {"a/b", "a//b", "a/../b", "..", "a;b", "a%2Fb", "a+b", "a?b", "ü", "//"}) {
      keys.add(odd.getBytes(UTF_8));
    }
    try (Jedis redis = new Jedis("127.0.0.1", server.respPort(), 60_000)) {
      redis.select(5);
      for (byte[] key : keys) {
        String path = "/v1/5/keys/" + escaped(key);
        assertEquals(201, send("PUT", path, path).statusCode(), path);
        assertEquals(path, text(send("GET", path, null)), path);
        assertEquals(path, new String(redis.get(key), UTF_8));
      }
      assertEquals(keys.size(), redis.dbSize());
    }
  }

  @Test
  void theShortestEscapesMeanTheSameKey() throws Exception {
    send("PUT", "/v1/default/keys/plain-1.x_~", "1");
    assertEquals("1", text(send("GET", "/v1/default/keys/%70lain%2d1%2Ex%5F%7e", null)));
  }

  @Test
  void anHttp2ClientFindsTheSameKeys() throws Exception {
    send("PUT", "/v1/default/keys/a%2Fb%3Bc", "1");
    WebClient http2 = WebClient.of("h2c://" + server.httpAddress());
    AggregatedHttpResponse read = http2.get("/v1/default/keys/a%2Fb%3Bc").aggregate().join();
    assertEquals("1", read.contentUtf8());
    AggregatedHttpResponse put =
        http2.put("/v1/default/keys/by-http2", HttpData.ofUtf8("2")).aggregate().join();
    assertEquals(201, put.status().code());
    assertEquals("2", text(send("GET", "/v1/default/keys/by-http2", null)));
  }

  @Test
  void aRequestMayArriveByteByByteAndManyAtOnce() throws Exception {
    send("PUT", "/v1/default/keys/slow", "1");
    String request = "GET /v1/default/keys/slow HTTP/1.1\r\nHost: a\r\n\r\n";
    String last = "GET /v1/default/keys/%00gone HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    try (Socket socket = new Socket("127.0.0.1", server.httpPort());
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream()) {
      socket.setTcpNoDelay(true);
      for (byte b : request.getBytes(UTF_8)) {
        out.write(b);
        out.flush();
      }
      out.write((request + last).getBytes(UTF_8));
      out.flush();
      String answer = new String(in.readAllBytes(), UTF_8);
      assertEquals(3, answer.split("HTTP/1.1 200", -1).length, answer);
      assertTrue(answer.contains("no_such_key"), answer);
    }
  }

  @Test
  void writesDependOnRevisions() throws Exception {
    String path = "/v1/default/keys/cas";
    assertProblem(412, "precondition_failed", send("PUT", path, "x", "If-Match", "*"));
    String first = etag(send("PUT", path, "1", "If-None-Match", "*"));
    assertProblem(412, "precondition_failed", send("PUT", path, "x", "If-None-Match", "*"));
    assertEquals(412, send("PUT", path, "x", "If-Match", "\"999999999\"").statusCode());
    assertEquals(412, send("PUT", path, "x", "If-Match", "W/" + first).statusCode());
    assertEquals(412, send("PUT", path, "x", "If-Match", "\"no-revision\"").statusCode());
    var second = send("PUT", path, "2", "If-Match", first);
    assertEquals(204, second.statusCode());
    // Lists, and both headers together.
    var third = send("PUT", path, "3", "If-Match", "\"7\", " + etag(second) + ",\"x\"");
    assertEquals(204, third.statusCode());
    assertEquals(
        412, send("PUT", path, "x", "If-None-Match", first + ", " + etag(third)).statusCode());
    assertEquals(
        412, send("PUT", path, "x", "If-Match", "*", "If-None-Match", etag(third)).statusCode());
    assertEquals("3", text(send("GET", path, null)));
    assertEquals(400, send("PUT", path, "x", "If-Match", "unquoted").statusCode());

    assertEquals(412, send("DELETE", path, null, "If-Match", first).statusCode());
    assertEquals(
        412, send("DELETE", path, null, "If-Match", "\"999999998\", \"999999999\"").statusCode());
    assertEquals(412, send("DELETE", path, null, "If-None-Match", etag(third)).statusCode());
    assertEquals(412, send("DELETE", path, null, "If-None-Match", "*").statusCode());
    assertEquals(204, send("DELETE", path, null, "If-Match", etag(third)).statusCode());
    assertEquals(412, send("DELETE", path, null, "If-Match", "*").statusCode());
    assertEquals(404, send("DELETE", path, null, "If-None-Match", "*").statusCode());
    String fourth = etag(send("PUT", path, "4"));
    assertEquals(204, send("DELETE", path, null, "If-None-Match", first).statusCode());
    etag(send("PUT", path, "5"));
    assertEquals(
        412, send("DELETE", path, null, "If-Match", "\"999999998\", " + fourth).statusCode());
    assertEquals(204, send("DELETE", path, null, "If-Match", "*").statusCode());
  }

  @Test
  void readsDependOnRevisions() throws Exception {
    String path = "/v1/default/keys/fresh";
    String tag = etag(send("PUT", path, "1"));
    for (String match : new String[] {tag, "W/" + tag, "\"1\", " + tag, "*"}) {
      var read = send("GET", path, null, "If-None-Match", match);
      assertEquals(304, read.statusCode(), match);
      assertEquals(tag, etag(read));
      assertEquals(0, read.body().length);
    }
    assertEquals(200, send("GET", path, null, "If-None-Match", "\"1\"").statusCode());
    assertEquals(200, send("GET", path, null, "If-Match", tag).statusCode());
    assertEquals(412, send("GET", path, null, "If-Match", "\"1\"").statusCode());
    assertEquals(412, send("GET", "/v1/default/keys/none", null, "If-Match", "*").statusCode());
  }

  @Test
  void expiryIsSetKeptAndTold() throws Exception {
    String path = "/v1/default/keys/mortal";
    send("PUT", path, "1", "Henge-Ttl-Ms", "1000000");
    long left = Long.parseLong(header(send("GET", path, null), "henge-ttl-ms"));
    assertTrue(left > 0 && left <= 1_000_000, "left: " + left);
    send("PUT", path, "2", "Henge-Ttl-Ms", "keep");
    assertTrue(send("HEAD", path, null).headers().firstValue("henge-ttl-ms").isPresent());
    try (Jedis redis = new Jedis("127.0.0.1", server.respPort(), 60_000)) {
      assertTrue(redis.pttl("mortal") > 0);
    }
    send("PUT", path, "3");
    assertTrue(send("GET", path, null).headers().firstValue("henge-ttl-ms").isEmpty());
    for (String bad : new String[] {"0", "-1", "1.5", "soon", "9999999999999999"}) {
      assertProblem(400, "bad_request", send("PUT", path, "4", "Henge-Ttl-Ms", bad));
    }
  }

  @Test
  void whatIsTooLargeOrMalformedIsRefused() throws Exception {
    byte[] large = new byte[VALUE_BYTES_MAX + 1];
    assertProblem(413, "value_too_large", send("PUT", "/v1/default/keys/large", large));
    byte[] largest = new byte[VALUE_BYTES_MAX];
    assertEquals(201, send("PUT", "/v1/default/keys/large", largest).statusCode());
    assertArrayEquals(largest, send("GET", "/v1/default/keys/large", null).body());
    // Without a length, too.
    var chunked =
        HttpRequest.newBuilder(uri("/v1/default/keys/large"))
            .PUT(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))
            .build();
    assertProblem(
        413, "value_too_large", client.send(chunked, HttpResponse.BodyHandlers.ofByteArray()));

    assertEquals(
        201, send("PUT", "/v1/default/keys/" + "%00".repeat(1000), "longest key").statusCode());
    assertProblem(413, "key_too_large", send("GET", "/v1/default/keys/" + "k".repeat(1001), null));
    assertProblem(400, "empty_key", send("PUT", "/v1/default/keys/", "x"));
    assertProblem(404, "no_such_keyspace", send("GET", "/v1/nowhere/keys/a", null));
    assertProblem(404, "no_such_route", send("GET", "/v1/default/keys/a/b", null));
    assertProblem(404, "no_such_route", send("GET", "/favicon.ico", null));
    assertProblem(405, "method_not_allowed", send("POST", "/v1/default/keys/a", "x"));
    assertTrue(rawAnswer("/v1/default/keys/%zz").contains("bad_request"));
    assertTrue(rawAnswer("/v1/default/keys/%").contains("bad_request"));
    assertTrue(rawAnswer("/v1/default/keys/%4").contains("bad_request"));
  }

  @Test
  void scansGoThroughEveryKeyOnceInSlotOrder() throws Exception {
    var expected = new TreeSet<String>();
    for (int i = 0; i < 250; i++) {
      String key = "scan:" + i;
      expected.add(key);
      send("PUT", "/v1/7/keys/" + key, "v" + i);
    }
    send("PUT", "/v1/7/keys/other%00", "");
    var seen = new ArrayList<String>();
    String cursor = "";
    int pages = 0;
    do {
      JsonNode page =
          json(
              send(
                  "GET",
                  "/v1/7/keys?prefix=scan%3A&limit=60&values=true"
                      + (cursor.isEmpty() ? "" : "&cursor=" + cursor),
                  null));
      for (JsonNode item : page.path("items")) {
        String key = item.path("key").asString().replace("%3A", ":");
        seen.add(key);
        String value = new String(Base64.getDecoder().decode(item.path("value").asString()), UTF_8);
        assertEquals("v" + key.substring("scan:".length()), value);
      }
      assertTrue(page.path("items").size() <= 60);
      cursor = page.path("cursor").asString("");
      pages++;
    } while (!cursor.isEmpty());
    assertTrue(pages >= 5, "pages: " + pages);
    assertEquals(expected, new TreeSet<>(seen));
    assertEquals(expected.size(), seen.size());
    List<Integer> slots = seen.stream().map(key -> Slots.of(key.getBytes(UTF_8))).toList();
    assertEquals(slots.stream().sorted().toList(), slots);

    JsonNode other = json(send("GET", "/v1/7/keys?prefix=o", null));
    assertEquals("other%00", other.path("items").path(0).path("key").asString());
    assertTrue(other.path("items").path(0).path("value").isMissingNode());
    for (String bad :
        new String[] {
          "limit=0", "limit=x", "limit=10001", "cursor=!", "cursor=AAAA", "colour=red", "values=1"
        }) {
      assertProblem(400, "bad_request", send("GET", "/v1/7/keys?" + bad, null));
    }
  }

  @Test
  void keyspacesAreDeclaredOnce() throws Exception {
    String path = "/v1/keyspaces/sessions";
    String declaration =
        "{\"durability\":\"os\",\"ttlMillis\":60000,\"compression\":\"zstd\",\"limits\":{\"valueBytes\":10}}";
    var created = send("PUT", path, declaration);
    assertEquals(201, created.statusCode(), text(created));
    assertEquals(200, send("PUT", path, declaration).statusCode());
    var differs = send("PUT", path, declaration.replace("zstd", "none"));
    assertProblem(409, "keyspace_differs", differs);
    assertTrue(text(differs).contains("compression is zstd, not none"), text(differs));
    JsonNode read = json(send("GET", path, null));
    assertEquals(json(created), read);
    assertEquals("os", read.path("durability").asString());
    assertTrue(
        json(send("GET", "/v1/keyspaces", null))
            .path("keyspaces")
            .valueStream()
            .anyMatch(read::equals));

    assertEquals(201, send("PUT", "/v1/sessions/keys/a", "1234567890").statusCode());
    assertTrue(
        send("GET", "/v1/sessions/keys/a", null).headers().firstValue("henge-ttl-ms").isPresent());
    assertProblem(413, "value_too_large", send("PUT", "/v1/sessions/keys/a", "12345678901"));
    assertProblem(404, "no_such_key", send("GET", "/v1/default/keys/a", null));
  }

  @Test
  void eventualKeyspacesAreDeclaredWithTheirCopies() throws Exception {
    String path = "/v1/keyspaces/carts";
    var created = send("PUT", path, "{\"mode\":\"eventual\",\"durability\":\"interval\"}");
    assertEquals(201, created.statusCode(), text(created));
    String all =
        """
        {"mode":"eventual","durability":"interval","n":3,"r":2,"w":2,"quorum":"sloppy",\
        "conflicts":"siblings","placement":{}}\
        """;
    assertEquals(200, send("PUT", path, all).statusCode(), "the defaults, said");
    JsonNode read = json(send("GET", path, null));
    assertEquals(json(created), read);
    assertEquals(3, read.path("n").asInt());
    assertEquals(2, read.path("r").asInt());
    assertEquals(2, read.path("w").asInt());
    assertEquals("sloppy", read.path("quorum").asString());
    assertEquals("siblings", read.path("conflicts").asString());
    assertTrue(read.path("placement").isObject() && read.path("placement").isEmpty());
    assertTrue(read.path("groups").isMissingNode(), "it has none");
    var differs = send("PUT", path, all.replace("\"r\":2", "\"r\":1"));
    assertProblem(409, "keyspace_differs", differs);
    assertTrue(text(differs).contains("r is 2, not 1"), text(differs));
    var strong = send("PUT", path, "{\"durability\":\"interval\"}");
    assertProblem(409, "keyspace_differs", strong);
    assertTrue(text(strong).contains("mode is eventual, not strong"), text(strong));
    String placed = "{\"mode\":\"eventual\",\"placement\":{\"" + DATA_CENTRE + "\":5},\"w\":4}";
    JsonNode there = json(send("PUT", "/v1/keyspaces/placed", placed));
    assertEquals(5, there.path("n").asInt(), "n is the sum of placement");
    assertEquals(3, there.path("r").asInt());
    assertEquals(5, there.path("placement").path(DATA_CENTRE).asInt());
  }

  @Test
  void impossibleEventualKeyspacesAreRefusedWithTheFieldAndTheFix() throws Exception {
    String[][] bad = {
      {"\"n\":0", "n is 0, allowed are whole numbers from 1 to 15"},
      {"\"n\":16", "n is 16, allowed are whole numbers from 1 to 15"},
      {"\"w\":4", "w is 4: a write cannot have more copies than there are, n is 3"},
      {"\"n\":2,\"r\":3", "r is 3: a read cannot have more copies than there are, n is 2"},
      {"\"r\":0", "r is 0, allowed are whole numbers from 1"},
      {"\"quorum\":\"lazy\"", "quorum is \\\"lazy\\\", allowed are sloppy, strict"},
      {"\"conflicts\":\"ask\"", "allowed are siblings, latest"},
      {"\"placement\":{\"mars\":3}", "placement names data centre 'mars', where no member is"},
      {"\"placement\":{\"mars\":0}", "placement has 0 copies in data centre 'mars'"},
      {"\"placement\":3", "expected are data centres and their copies"},
      {"\"n\":2,\"placement\":{\"mars\":3}", "n is 2, and placement has 3 copies"},
      {"\"groups\":2", "groups is of keyspaces with groups, and an eventual one has none"},
    };
    for (String[] one : bad) {
      var answer = send("PUT", "/v1/keyspaces/bad", "{\"mode\":\"eventual\"," + one[0] + "}");
      assertProblem(400, "bad_declaration", answer);
      assertTrue(text(answer).contains(one[1]), text(answer));
    }
    var strong = send("PUT", "/v1/keyspaces/bad", "{\"w\":2}");
    assertProblem(400, "bad_declaration", strong);
    assertTrue(text(strong).contains("w is of eventual keyspaces, and mode is strong"));
    assertProblem(404, "no_such_keyspace", send("GET", "/v1/keyspaces/bad", null));
  }

  @Test
  void badDeclarationsAreRefusedByName() throws Exception {
    for (String name :
        new String[] {
          "default", "keyspaces", "7", "4711", "Upper", "a%2Fb", "-a", "a".repeat(64)
        }) {
      assertProblem(400, "bad_name", send("PUT", "/v1/keyspaces/" + name, "{}"));
    }
    var unknown = send("PUT", "/v1/keyspaces/bad", "{\"colour\":\"red\"}");
    assertProblem(400, "bad_declaration", unknown);
    assertTrue(text(unknown).contains("colour"), text(unknown));
    for (String bad :
        new String[] {
          "{",
          "[]",
          "{\"durability\":\"maybe\"}",
          "{\"ttlMillis\":-1}",
          "{\"limits\":{\"keyBytes\":0}}",
          "{\"limits\":3}"
        }) {
      assertProblem(400, "bad_declaration", send("PUT", "/v1/keyspaces/bad", bad));
    }
    assertProblem(501, "not_yet", send("PUT", "/v1/keyspaces/bad", "{\"mode\":\"cache\"}"));
    assertProblem(501, "not_yet", send("PUT", "/v1/keyspaces/bad", "{\"engine\":\"btree\"}"));
    assertProblem(404, "no_such_keyspace", send("GET", "/v1/keyspaces/bad", null));
  }

  @Test
  void healthMetricsAndIndexAnswer() throws Exception {
    assertEquals("{\"health\":\"true\"}", text(send("GET", "/health", null)));
    String metrics = text(send("GET", "/metrics", null));
    assertTrue(metrics.contains("henge_engine_log_syncs_total{group=\"databases\"}"), metrics);
    assertTrue(metrics.contains("henge_http_requests_total"), metrics);
    assertTrue(metrics.contains("henge_resp_commands_total"), metrics);
    assertTrue(metrics.contains("jvm_memory_used_bytes"), metrics);
    assertEquals("henge", json(send("GET", "/", null)).path("server").asString());
  }

  @Test
  void aPasswordIsAskedForEverywhereButHealth(@TempDir Path other) throws Exception {
    NodeConfig config =
        NodeConfig.builder()
            .set(Settings.DATA, other.toString())
            .set(Settings.PORT, 0)
            .set(Settings.PASSWORD, "pass:word")
            .build();
    try (Server guarded = Server.start(config)) {
      String base = "http://" + guarded.httpAddress();
      assertEquals(200, sendTo(base + "/health", null).statusCode());
      for (String path : new String[] {"/", "/metrics", "/v1/keyspaces", "/v1/default/keys/a"}) {
        var refused = sendTo(base + path, null);
        assertProblem(401, "unauthorized", refused);
        assertTrue(refused.headers().firstValue("www-authenticate").isPresent());
      }
      assertEquals(401, sendTo(base + "/", "Bearer wrong").statusCode());
      assertEquals(401, sendTo(base + "/", "Basic !").statusCode());
      assertEquals(200, sendTo(base + "/", "Bearer pass:word").statusCode());
      String basic = Base64.getEncoder().encodeToString("anyone:pass:word".getBytes(UTF_8));
      assertEquals(200, sendTo(base + "/", "Basic " + basic).statusCode());
    }
  }

  private static HttpResponse<byte[]> sendTo(String uri, @Nullable String authorization)
      throws Exception {
    var request = HttpRequest.newBuilder(URI.create(uri));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static HttpResponse<byte[]> send(
      String method, String path, @Nullable Object body, String... headers) throws Exception {
    HttpRequest.BodyPublisher publisher =
        switch (body) {
          case null -> HttpRequest.BodyPublishers.noBody();
          case byte[] bytes -> HttpRequest.BodyPublishers.ofByteArray(bytes);
          default -> HttpRequest.BodyPublishers.ofString(body.toString());
        };
    var request = HttpRequest.newBuilder(uri(path)).method(method, publisher);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  /// The answer to a target that no URI class would send.
  private static String rawAnswer(String target) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", server.httpPort());
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream()) {
      out.write(
          ("GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").getBytes(UTF_8));
      out.flush();
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private static URI uri(String path) {
    return URI.create("http://" + server.httpAddress() + path);
  }

  private static String escaped(byte[] key) {
    var text = new StringBuilder();
    for (byte b : key) {
      text.append(String.format("%%%02X", b));
    }
    return text.toString();
  }

  private static void assertProblem(int status, String error, HttpResponse<byte[]> response) {
    assertEquals(status, response.statusCode(), text(response));
    assertEquals(error, json(response).path("error").asString());
    assertTrue(!json(response).path("message").asString().isEmpty());
  }

  private static JsonNode json(HttpResponse<byte[]> response) {
    return JSON.readTree(response.body());
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }

  private static String etag(HttpResponse<byte[]> response) {
    return header(response, "etag");
  }

  private static String header(HttpResponse<byte[]> response, String name) {
    return response.headers().firstValue(name).orElseThrow();
  }
}
