package dev.henge.server.cluster;

import static dev.henge.server.cluster.TestCluster.await;
import static dev.henge.server.cluster.TestCluster.awaitFormed;
import static dev.henge.server.cluster.TestCluster.cluster;
import static dev.henge.server.cluster.TestCluster.metadata;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Slots;
import dev.henge.consensus.group.GroupOptions;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.server.Server;
import dev.henge.server.store.DeclareOutcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisDataException;

/// Named keyspaces of several groups, on real servers.
final class ManyGroupsTest {
  private static final int GROUPS = 4;
  private static final int KEYS = 400;
  private static final String NAME = "many";

  @SuppressWarnings("NullAway.Init") // by JUnit
  @TempDir
  Path directory;

  @Test
  void oneNodeHasThemAndKeepsThemOverRestarts() throws Exception {
    try (var test = new TestCluster(directory)) {
      Server first = test.start(0);
      assertInstanceOf(DeclareOutcome.Created.class, declare(first, GROUPS));
      assertInstanceOf(DeclareOutcome.Existing.class, declare(first, GROUPS));
      var differs = assertInstanceOf(DeclareOutcome.Differs.class, declare(first, 1));
      assertTrue(differs.toString().contains("groups is 4, not 1"), differs.toString());
      Set<Long> hit = new TreeSet<>();
      try (Jedis redis = connect(first)) {
        for (int i = 0; i < KEYS; i++) {
          redis.set("key-" + i, "value-" + i);
          hit.add(group(first, "key-" + i).id());
        }
      }
      assertEquals(GROUPS, hit.size());
      readAll(first);
      test.stop(first);

      Server again = test.start(0);
      await(() -> cluster(again).trouble().isEmpty(), () -> cluster(again).trouble());
      readAll(again);
    }
  }

  @Test
  void threeNodesShareThem() throws Exception {
    try (var test = new TestCluster(directory)) {
      Server first = test.start(0);
      Server second = test.start(1);
      Server third = test.start(2);
      awaitFormed(3, first, second, third);
      assertInstanceOf(DeclareOutcome.Created.class, declare(second, GROUPS));
      awaitFormed(3, first, second, third);
      List<Server> servers = List.of(first, second, third);
      awaitSpreadLeaders(third);

      var keys = new TreeMap<Long, String>();
      for (int i = 0; i < KEYS; i++) {
        try (Jedis redis = connect(servers.get(i % 3))) {
          redis.set("key-" + i, "value-" + i);
          keys.put(group(first, "key-" + i).id(), "key-" + i);
        }
      }
      assertEquals(GROUPS, keys.size());
      for (Server server : servers) {
        readAll(server);
        try (Jedis redis = connect(server)) {
          assertEquals(KEYS, redis.dbSize());
          JedisDataException refused =
              assertThrows(
                  JedisDataException.class,
                  () -> redis.rename(keys.firstEntry().getValue(), keys.lastEntry().getValue()));
          assertTrue(
              String.valueOf(refused.getMessage()).startsWith("CROSSSLOT"), refused.getMessage());
        }
      }
      longValues(servers);
    }
  }

  /// What is longer than a command may be is refused by name at any node, and nothing is done.
  private static void longValues(List<Server> servers) throws Exception {
    byte[] key = "long".getBytes(UTF_8);
    byte[] most = new byte[KeyspaceDeclaration.DEFAULT.valueBytesMax()];
    byte[] more = new byte[GroupOptions.COMMAND_BYTES_MAX];
    for (Server server : servers) {
      most[0]++;
      try (Jedis redis = connect(server)) {
        assertEquals("OK", decided(() -> redis.set(key, most)));
        assertArrayEquals(most, decided(() -> redis.get(key)));
        String refused =
            decided(() -> redis.mset("{t}1".getBytes(UTF_8), most, "{t}2".getBytes(UTF_8), most));
        assertEquals("ERR " + Failures.TOO_LARGE.message(), refused);
        assertEquals(0, decided(() -> redis.exists("{t}1", "{t}2")));
      }
    }
    var declaration = KeyspaceDeclaration.DEFAULT.withGroups(2);
    var longer =
        new KeyspaceDeclaration(
            declaration.mode(),
            declaration.engine(),
            declaration.durability(),
            declaration.ttlMillis(),
            declaration.compression(),
            declaration.groups(),
            declaration.keyBytesMax(),
            2 * more.length,
            declaration.replication());
    for (Server server : servers) {
      DeclareOutcome outcome = TestCluster.declare(server, "long", longer);
      String why = assertInstanceOf(DeclareOutcome.NotYet.class, outcome).message();
      assertTrue(why.contains("valueBytes"), why);
      assertTrue(server.node().catalog().declared("long").isEmpty());
    }
  }

  /// What `call` is answered when it is certain, an error's text included: a slow machine may take
  /// so long for so much that a leader is doubted, and then it is asked again.
  @SuppressWarnings("unchecked")
  private static <T> T decided(Supplier<T> call) {
    Object[] answer = new Object[1];
    await(
        () -> {
          try {
            answer[0] = call.get();
            return true;
          } catch (JedisDataException refused) {
            String why = String.valueOf(refused.getMessage());
            answer[0] = why;
            return !why.startsWith("UNKNOWN") && !why.startsWith("UNAVAILABLE");
          }
        },
        () -> "no certain answer, the last one: " + answer[0]);
    return (T) answer[0];
  }

  private static void readAll(Server server) {
    try (Jedis redis = connect(server)) {
      for (int from = 0; from < KEYS; from += 50) {
        List<String> keys = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (int i = from; i < from + 50; i++) {
          keys.add("key-" + i);
          values.add("value-" + i);
        }
        assertEquals(values, redis.mget(keys.toArray(new String[0])));
      }
    }
  }

  /// Waits until every member leads a group of the keyspace.
  private static void awaitSpreadLeaders(Server server) {
    await(
        () -> {
          ClusterStatus status = cluster(server).status().join();
          var leaders = new TreeSet<Long>();
          for (GroupRecord group : cluster(server).routes().groups(keyspace(server).id())) {
            leaders.add(status.leader(group.id()));
          }
          return leaders.equals(Set.of(1L, 2L, 3L));
        },
        () -> metadata(server).toString());
  }

  private static GroupRecord group(Server server, String key) {
    return Objects.requireNonNull(
        cluster(server).routes().group(keyspace(server).id(), Slots.of(key.getBytes(UTF_8))));
  }

  private static DeclaredKeyspace keyspace(Server server) {
    return metadata(server).keyspace(NAME).orElseThrow();
  }

  private static Jedis connect(Server server) {
    var redis = new Jedis("127.0.0.1", server.respPort(), 60_000);
    redis.sendCommand(Protocol.Command.SELECT, NAME);
    return redis;
  }

  private static DeclareOutcome declare(Server server, int groups) throws Exception {
    return TestCluster.declare(server, NAME, KeyspaceDeclaration.DEFAULT.withGroups(groups));
  }
}
