package dev.henge.server.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Slots;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/// Strong keyspaces through any of three nodes, with the clients that people use.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class StrongClusterTest {
  private static final int ANSWER_MILLIS = 120_000;
  private static final ProtocolCommand CONSISTENCY = () -> "HENGE.CONSISTENCY".getBytes(UTF_8);
  private static final ProtocolCommand REQUEST = () -> "HENGE.REQUEST".getBytes(UTF_8);

  @SuppressWarnings("NullAway.Init") // before all
  private ThreeNodes cluster;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    cluster = new ThreeNodes(directory);
    for (long group = 1; group <= 4; group++) {
      cluster.leader(group);
    }
  }

  @AfterAll
  void stop() throws Exception {
    cluster.close();
  }

  @Test
  void anyNodeTakesAnyRequest() {
    for (int i = 0; i < 3; i++) {
      try (Jedis one = connect(i);
          Jedis other = connect((i + 1) % 3)) {
        assertEquals("OK", one.set("any-" + i, "value"));
        assertEquals("value", other.get("any-" + i));
        assertEquals(1, other.del("any-" + i));
        assertNull(one.get("any-" + i));
        assertEquals("PONG", one.ping());
        one.select(3);
        one.append("any", "a");
        other.select(3);
        assertEquals(1, other.strlen("any"));
        assertEquals(1, other.unlink("any"));
      }
    }
  }

  /// Answers come in the order of the requests, and each sees those before.
  @Test
  void pipelinesKeepTheirOrder() {
    for (int i = 0; i < 3; i++) {
      try (Jedis redis = connect(i)) {
        Pipeline pipeline = redis.pipelined();
        List<Response<Long>> counts = new ArrayList<>();
        List<Response<String>> values = new ArrayList<>();
        pipeline.del("count");
        for (int n = 0; n < 3000; n++) {
          counts.add(pipeline.incr("count"));
          if (n % 7 == 0) {
            values.add(pipeline.get("count"));
          }
          if (n % 500 == 0) {
            pipeline.sendCommand(Protocol.Command.ECHO, "in between");
          }
        }
        Response<String> last = pipeline.get("count");
        pipeline.sync();
        for (int n = 0; n < 3000; n++) {
          assertEquals(n + 1L, counts.get(n).get());
        }
        for (int n = 0; n < values.size(); n++) {
          assertEquals(Integer.toString(7 * n + 1), values.get(n).get());
        }
        assertEquals("3000", last.get());
      }
    }
  }

  @Test
  void transactionsAreAtomicAndWatchesHold() {
    try (Jedis one = connect(0);
        Jedis other = connect(2)) {
      one.set("balance", "10");
      one.watch("balance");
      var kept = one.multi();
      kept.incrBy("balance", 5);
      kept.get("balance");
      kept.sendCommand(Protocol.Command.STRLEN, "balance");
      assertEquals("[15, 15, 2]", kept.exec().toString());
      one.watch("balance", "nothing");
      other.set("nothing", "something");
      var lost = one.multi();
      lost.incr("balance");
      assertNull(lost.exec());
      assertEquals("15", other.get("balance"));
      one.watch("balance");
      one.unwatch();
      other.incr("balance");
      var free = one.multi();
      free.sendCommand(Protocol.Command.SELECT, "5");
      free.set("in-five", "x");
      free.sendCommand(Protocol.Command.SELECT, "0");
      free.incr("balance");
      List<Object> answers = free.exec();
      assertEquals(4, answers.size());
      assertEquals(17L, answers.get(3));
      other.select(5);
      assertEquals("x", other.get("in-five"));
      other.del("in-five");
    }
  }

  @Test
  void wholeDatabasesAreWalkedAndSwapped() {
    try (Jedis redis = connect(1)) {
      redis.select(7);
      Set<String> put = new HashSet<>();
      for (int i = 0; i < 200; i++) {
        redis.set("walk-" + i, "v");
        put.add("walk-" + i);
      }
      assertEquals(200, redis.dbSize());
      assertEquals(put, redis.keys("*"));
      assertEquals(put, scan(redis));
      assertTrue(put.contains(redis.randomKey()));
      redis.swapDB(7, 8);
      assertEquals(0, redis.dbSize());
      redis.select(8);
      assertEquals(200, redis.dbSize());
      redis.flushDB();
      assertEquals(0, redis.dbSize());
    }
  }

  @Test
  void aKeyspaceOfSeveralGroupsIsOneToItsClients() {
    try (Jedis redis = connect(2)) {
      redis.sendCommand(Protocol.Command.SELECT, ThreeNodes.MANY);
      Set<String> put = new HashSet<>();
      Pipeline pipeline = redis.pipelined();
      for (int i = 0; i < 300; i++) {
        pipeline.set("key-" + i, "value-" + i);
        put.add("key-" + i);
      }
      pipeline.sync();
      assertEquals(300, redis.dbSize());
      assertEquals(put, scan(redis));
      assertEquals(put, redis.keys("key-*"));
      assertTrue(put.contains(redis.randomKey()));
      assertEquals(List.of("value-1", "value-2", "value-3"), redis.mget("key-1", "key-2", "key-3"));
      assertEquals(3, redis.exists("key-1", "key-2", "key-3", "absent"));
      assertEquals(3, redis.del("key-1", "key-2", "key-3", "absent"));
      JedisDataException refused =
          assertThrows(
              JedisDataException.class, () -> redis.mset("key-1", "a", "key-2", "b", "key-3", "c"));
      assertTrue(String.valueOf(refused.getMessage()).startsWith("CROSSSLOT"));
      assertEquals("OK", redis.mset("{t}1", "a", "{t}2", "b"));
      redis.watch("{t}1");
      var together = redis.multi();
      together.get("{t}1");
      together.append("{t}2", "!");
      assertEquals("[a, 2]", together.exec().toString());
      redis.flushDB();
      assertEquals(0, redis.dbSize());
    }
  }

  @Test
  void readsAreAsFreshAsAsked() {
    try (Jedis redis = connect(0)) {
      redis.set("fresh", "1");
      for (String level : List.of("leader", "linearizable")) {
        assertEquals("OK", text(redis.sendCommand(CONSISTENCY, level)));
        redis.incr("fresh");
        assertEquals(redis.get("fresh"), redis.get("fresh"));
      }
      assertEquals("3", redis.get("fresh"));
      redis.sendCommand(CONSISTENCY, "stale");
      assertNotNull(redis.get("fresh"));
      List<?> level = (List<?>) redis.sendCommand(CONSISTENCY);
      assertEquals("stale", text(level.getFirst()));
      assertTrue((Long) level.get(1) >= 0);
      assertThrows(JedisDataException.class, () -> redis.sendCommand(CONSISTENCY, "soon"));
    }
  }

  @Test
  void aWriteUnderAnIdIsDoneOnce() {
    String id = "00112233445566778899aabbccddeeff";
    try (Jedis one = connect(0);
        Jedis other = connect(1)) {
      Object first = one.sendCommand(REQUEST, id, "incr", "once");
      assertEquals(first, other.sendCommand(REQUEST, id, "incr", "once"));
      assertEquals("1", one.get("once"));
      assertThrows(JedisDataException.class, () -> one.sendCommand(REQUEST, id, "get", "once"));
      assertThrows(JedisDataException.class, () -> one.sendCommand(REQUEST, "1", "incr", "once"));
    }
  }

  @Test
  void waitTellsWhoHoldsTheWrite() {
    // each line: what is sent, and the last answer; nothing behind a connection's first
    String[][] table = {
      {"WAIT 2 0", "2"},
      {"WAITAOF 1 2 0", "[1, 2]"},
      {"WAIT 0 1", "2"},
      {"SET waited for; WAIT 2 0", "2"},
      {"SET waited for; WAITAOF 1 2 0", "[1, 2]"},
      {"SET waited for; WAIT 2 0; WAIT 3 1", "2"},
      {"SET waited for; WAITAOF 0 2 0; WAITAOF 1 3 1", "[1, 2]"},
      {"GET waited; WAIT 2 0", "2"},
      {"SET waited for; WAIT 2 0; SELECT many; WAIT 2 0", "2"},
      {"MULTI; WAIT 2 0; EXEC", "[2]"},
      // within a transaction nothing waits: it is about the write before
      {"SET waited for; WAIT 2 0; MULTI; INCR waits; WAIT 9 0; WAITAOF 1 9 0; EXEC", "2, [1, 2]]"},
    };
    for (int i = 0; i < 3; i++) {
      int through = i;
      for (String[] row : table) {
        String[] last = {""};
        // Who leads for a moment only does not know yet what others hold.
        TestCluster.await(
            () -> {
              try (Jedis redis = connect(through)) {
                for (String request : row[0].split("; ")) {
                  String[] words = request.split(" ");
                  last[0] =
                      shown(
                          redis.sendCommand(
                              () -> words[0].getBytes(UTF_8),
                              Arrays.copyOfRange(words, 1, words.length)));
                }
              }
              return last[0].endsWith(row[1]);
            },
            () -> row[0] + " through node " + through + ": " + last[0]);
      }
    }
  }

  private static String shown(Object reply) {
    return switch (reply) {
      case byte[] bytes -> new String(bytes, UTF_8);
      case List<?> items -> items.stream().map(StrongClusterTest::shown).toList().toString();
      case null, default -> String.valueOf(reply);
    };
  }

  @Test
  void everyReplicaTellsItsFigures() {
    try (Jedis redis = connect(0)) {
      redis.set("figures", "1");
    }
    for (int i = 0; i < 3; i++) {
      int through = i;
      String[] told = {""};
      TestCluster.await(
          () -> {
            try (Jedis redis = connect(through)) {
              told[0] = redis.info();
              return told[0].contains("db0:keys=")
                  && !told[0].contains("henge_memtable_bytes:0\r\n");
            }
          },
          () -> told[0]);
      try (Jedis redis = connect(i)) {
        var transaction = redis.multi();
        transaction.set("figures", "2");
        transaction.sendCommand(Protocol.Command.INFO, "henge");
        assertTrue(text(transaction.exec().get(1)).contains("henge_memtable_bytes:"));
      }
    }
  }

  @Test
  void clientsOfTheClusterProtocolRouteByThemselves() throws Exception {
    ThreeNodes.Node leader = cluster.leader(1);
    ThreeNodes.Node follower =
        cluster.nodes.stream().filter(node -> node != leader).findFirst().orElseThrow();
    try (Jedis redis = new Jedis("127.0.0.1", follower.clusterPort, ANSWER_MILLIS)) {
      JedisMovedDataException moved =
          assertThrows(JedisMovedDataException.class, () -> redis.set("routed", "1"));
      assertEquals(leader.clusterPort, moved.getTargetNode().getPort());
      assertEquals(Slots.of("routed".getBytes(UTF_8)), moved.getSlot());
      redis.asking();
      assertEquals("OK", redis.set("routed", "2"));
      redis.readonly();
      redis.get("routed");
      assertTrue(redis.clusterInfo().contains("cluster_state:ok"));
      assertTrue(redis.clusterNodes().contains("myself,slave"));
      assertEquals(Slots.of("routed".getBytes(UTF_8)), redis.clusterKeySlot("routed"));
      assertTrue(redis.info("cluster").contains("cluster_enabled:1"));
      assertThrows(JedisDataException.class, () -> redis.select(1));
    }
    try (Jedis redis = new Jedis("127.0.0.1", leader.clusterPort, ANSWER_MILLIS)) {
      int slot = Slots.of("routed".getBytes(UTF_8));
      assertEquals(1, redis.clusterCountKeysInSlot(slot));
      assertEquals(List.of("routed"), redis.clusterGetKeysInSlot(slot, 10));
      assertNotEquals(0, redis.clusterShards().size());
    }
    try (var jedis =
        redis.clients.jedis.RedisClusterClient.create(
            Set.of(new HostAndPort("127.0.0.1", follower.clusterPort)))) {
      for (int i = 0; i < 100; i++) {
        jedis.set("jedis-" + i, "v" + i);
        assertEquals("v" + i, jedis.get("jedis-" + i));
      }
    }
    RedisClusterClient lettuce =
        RedisClusterClient.create(RedisURI.create("127.0.0.1", follower.clusterPort));
    try (var connection = lettuce.connect()) {
      assertEquals(3, connection.getPartitions().size());
      for (int i = 0; i < 100; i++) {
        connection.sync().set("lettuce-" + i, "v" + i);
        assertEquals("v" + i, connection.sync().get("lettuce-" + i));
      }
    } finally {
      lettuce.shutdown();
    }
  }

  /// Last, because the cluster is smaller afterwards.
  @Test
  @Order(Integer.MAX_VALUE)
  void aLeadersDeathLosesNothingThatWasAcknowledged() throws Exception {
    ThreeNodes.Node leader = cluster.leader(1);
    int through = cluster.nodes.indexOf(leader) == 0 ? 1 : 0;
    Set<String> acknowledged = new HashSet<>();
    try (Jedis redis = connect(through)) {
      int refused = 0;
      for (int i = 0; acknowledged.size() < 400; i++) {
        if (acknowledged.size() == 100) {
          leader.stop();
        }
        try {
          redis.set("kept-" + i, "v");
          acknowledged.add("kept-" + i);
        } catch (JedisDataException notAcknowledged) {
          String text = String.valueOf(notAcknowledged.getMessage());
          assertTrue(text.startsWith("UNKNOWN ") || text.startsWith("UNAVAILABLE "), text);
          assertTrue(++refused < 100, text);
        }
      }
      for (String key : acknowledged) {
        assertEquals("v", redis.get(key));
      }
    }
  }

  private Jedis connect(int node) {
    return new Jedis("127.0.0.1", cluster.node(node).respPort, ANSWER_MILLIS);
  }

  private static Set<String> scan(Jedis redis) {
    Set<String> found = new HashSet<>();
    String cursor = ScanParams.SCAN_POINTER_START;
    do {
      ScanResult<String> page = redis.scan(cursor, new ScanParams().count(17));
      found.addAll(page.getResult());
      cursor = page.getCursor();
    } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
    return found;
  }

  private static String text(Object reply) {
    return new String((byte[]) reply, UTF_8);
  }
}
