package dev.henge.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.server.Server;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;

/// HENGE.KEYSPACE on a whole server: what is declared is listed, and what cannot be is refused with
/// the field and the fix.
final class DeclarationCommandsTest {
  @SuppressWarnings("NullAway.Init") // by JUnit
  @TempDir
  static Path directory;

  @SuppressWarnings("NullAway.Init") // by start
  private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server =
        Server.start(
            NodeConfig.builder()
                .set(Settings.DATA, directory.toString())
                .set(Settings.PORT, 0)
                .set(Settings.DATA_CENTRE, "eu")
                .set(Settings.KEYSPACES, 3)
                .build());
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Test
  void whatIsDeclaredIsListed() {
    try (var redis = new Jedis("127.0.0.1", server.respPort(), 60_000)) {
      assertEquals("OK", keyspace(redis, "create", "users"));
      assertEquals("OK", keyspace(redis, "CREATE", "users", "MODE", "strong"));
      assertEquals(
          "OK",
          keyspace(
              redis,
              "create carts mode EVENTUAL durability os placement eu=5 r 1 conflicts latest"
                  .split(" ")));
      assertEquals(
          "OK",
          keyspace(
              redis,
              "create",
              "carts",
              "mode",
              "eventual",
              "n",
              "5",
              "r",
              "1",
              "w",
              "3",
              "durability",
              "os",
              "placement",
              "eu=5",
              "conflicts",
              "latest"));
      assertEquals(
          "ERR keyspace 'carts' is declared otherwise: r is 1, not 3; conflicts is latest, not"
              + " siblings",
          refusal(redis, "create carts mode eventual durability os placement eu=5".split(" ")));
      assertEquals("OK", keyspace(redis, "create", "sessions", "limits.keyBytes", "100"));
      assertEquals(
          "ERR this node has its 3 keyspaces (setting 'keyspaces')",
          refusal(redis, "create", "more"));

      var listed = new TreeMap<String, Map<String, Object>>();
      for (Object one : (List<?>) list(redis)) {
        Map<String, Object> fields = map(one);
        listed.put((String) fields.getOrDefault("name", ""), fields);
      }
      assertEquals(List.of("carts", "sessions", "users"), List.copyOf(listed.keySet()));
      Map<String, Object> carts = Objects.requireNonNull(listed.get("carts"));
      assertEquals("eventual", carts.get("mode"));
      assertEquals("os", carts.get("durability"));
      assertEquals(5L, carts.get("n"));
      assertEquals(1L, carts.get("r"));
      assertEquals(3L, carts.get("w"));
      assertEquals("sloppy", carts.get("quorum"));
      assertEquals("latest", carts.get("conflicts"));
      assertEquals(Map.of("eu", 5L), map(carts.getOrDefault("placement", List.of())));
      assertEquals("strong", Objects.requireNonNull(listed.get("users")).get("mode"));
      assertEquals(1L, Objects.requireNonNull(listed.get("users")).get("groups"));
      assertEquals(100L, Objects.requireNonNull(listed.get("sessions")).get("limits.keyBytes"));
    }
  }

  @Test
  void whatCannotBeIsRefusedWithTheFieldAndTheFix() {
    String[][] bad = {
      {"mode eventual w 4", "w is 4: a write cannot have more copies than there are, n is 3"},
      {"mode eventual n 16", "n is 16, allowed are whole numbers from 1 to 15"},
      {"mode eventual n three", "n is \"three\", allowed are whole numbers from 1 to 15"},
      {"mode eventual placement mars=3", "placement names data centre 'mars', where no member is"},
      {"mode eventual placement mars", "placement is 'mars', expected are data centres"},
      {"mode eventual quorum lazy", "quorum is \"lazy\", allowed are sloppy, strict"},
      {"mode eventual groups 3", "groups is of keyspaces with groups"},
      {"w 2", "w is of eventual keyspaces, and mode is strong"},
      {"mode cache", "mode cache is not served yet: this version serves strong and eventual"},
      {"colour red", "unknown field 'colour': known are [compression, durability, engine, "},
      {"mode", "each field needs a value"},
    };
    try (var redis = new Jedis("127.0.0.1", server.respPort(), 60_000)) {
      for (String[] one : bad) {
        String answer = refusal(redis, ("create bad " + one[0]).split(" "));
        assertTrue(answer.startsWith("ERR ") && answer.contains(one[1]), answer);
      }
      assertTrue(refusal(redis, "create", "16").contains("reserved"));
    }
  }

  private static String refusal(Jedis redis, String... words) {
    return String.valueOf(
        assertThrows(JedisDataException.class, () -> keyspace(redis, words)).getMessage());
  }

  private static Object keyspace(Jedis redis, String... words) {
    return text(
        redis.sendCommand(() -> "HENGE.KEYSPACE".getBytes(StandardCharsets.US_ASCII), words));
  }

  private static Object list(Jedis redis) {
    return keyspace(redis, "list");
  }

  private static Object text(Object reply) {
    return switch (reply) {
      case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8);
      case List<?> items -> items.stream().map(DeclarationCommandsTest::text).toList();
      default -> reply;
    };
  }

  /// As RESP2 has it: names and values in turn.
  private static Map<String, Object> map(Object reply) {
    var fields = new TreeMap<String, Object>();
    List<?> items = (List<?>) reply;
    for (int i = 0; i + 1 < items.size(); i += 2) {
      fields.put((String) items.get(i), items.get(i + 1));
    }
    return fields;
  }
}
