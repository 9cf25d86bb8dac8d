package dev.henge.server.cluster;

import static dev.henge.server.cluster.TestCluster.await;
import static dev.henge.server.cluster.TestCluster.awaitFormed;
import static dev.henge.server.cluster.TestCluster.cluster;
import static dev.henge.server.cluster.TestCluster.metadata;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.system.SystemDisk;
import dev.henge.consensus.metadata.Durability;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.MetadataCommand;
import dev.henge.consensus.metadata.MetadataOutcome;
import dev.henge.consensus.metadata.Replication;
import dev.henge.consensus.metadata.RingRecord;
import dev.henge.server.Server;
import dev.henge.server.store.DataDirectoryFiles;
import dev.henge.server.store.DeclareOutcome;
import dev.henge.storage.lsm.CheckReport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.resps.ClusterShardInfo;
import redis.clients.jedis.resps.ClusterShardNodeInfo;

/// Real servers that found, join, leave and replace.
final class ClusterTest {
  @SuppressWarnings("NullAway.Init") // by JUnit
  @TempDir
  Path directory;

  @Test
  void aNodeAloneIsAClusterAndRemainsItOverRestarts() throws Exception {
    try (var test = new TestCluster(directory)) {
      Server server = test.start(0);
      Metadata founded = metadata(server);
      assertEquals(Set.of(1L), founded.members().keySet());
      assertEquals(
          GroupRecord.Form.LOCAL, founded.group(Metadata.DATABASES_GROUP).orElseThrow().form());
      assertInstanceOf(DeclareOutcome.Created.class, declare(server, "users"));
      assertInstanceOf(DeclareOutcome.Existing.class, declare(server, "users"));
      test.stop(server);
      Server again = test.start(0);
      assertEquals(founded.clusterId(), metadata(again).clusterId());
      assertTrue(metadata(again).keyspace("users").isPresent());
      assertInstanceOf(DeclareOutcome.Existing.class, declare(again, "users"));
      assertInstanceOf(DeclareOutcome.Created.class, declare(again, "more"));
    }
  }

  @Test
  void threeNodesFormAClusterAndComeBack() throws Exception {
    try (var test = new TestCluster(directory)) {
      Server first = test.start(0);
      assertInstanceOf(DeclareOutcome.Created.class, declare(first, "early"));
      try (var redis = new Jedis("127.0.0.1", first.respPort(), 120_000)) {
        assertEquals("OK", redis.set("early", "early value"));
      }
      Server second = test.start(1);
      // What lies with another member is not missing here.
      var report = new CheckReport();
      DataDirectoryFiles.check(new SystemDisk(), directory.resolve("node-1"), report);
      assertEquals(List.of(), report.problems());
      Server third = test.start(2);
      awaitFormed(3, first, second, third);
      assertInstanceOf(DeclareOutcome.Created.class, declare(third, "late"));
      assertInstanceOf(
          DeclareOutcome.NotYet.class,
          TestCluster.declare(
              third,
              "large",
              new KeyspaceDeclaration(
                  KeyspaceDeclaration.DEFAULT.mode(),
                  KeyspaceDeclaration.DEFAULT.engine(),
                  KeyspaceDeclaration.DEFAULT.durability(),
                  0,
                  KeyspaceDeclaration.DEFAULT.compression(),
                  1,
                  1024,
                  64 << 20,
                  Replication.NONE)));
      assertInstanceOf(
          DeclareOutcome.NotYet.class, TestCluster.declare(third, "unsynced", unsynced()));
      awaitFormed(3, first, second, third);
      awaitHealthy(first, second, third);
      for (Server server : new Server[] {first, second, third}) {
        try (var redis = new Jedis("127.0.0.1", server.respPort(), 120_000)) {
          assertEquals("OK", redis.set("from " + server.respPort(), "value"));
          assertEquals("early value", redis.get("early"));
          assertEquals("value", redis.get("from " + server.respPort()));
        }
      }
      // One dies and comes back: nothing moves.
      var before = voters(first);
      test.stop(second);
      await(() -> cluster(first).trouble().isEmpty(), () -> cluster(first).trouble());
      assertInstanceOf(DeclareOutcome.Created.class, declare(first, "meanwhile"));
      for (Server server : List.of(first, third)) {
        await(
            () -> listsAs(server, respPort(test, 1) + 3, true),
            () -> "member 2 is not lost: " + nodes(server));
      }
      Server back = test.start(1);
      awaitFormed(3, first, back, third);
      awaitHealthy(first, back, third);
      for (Server server : List.of(first, back, third)) {
        for (int index = 0; index < 3; index++) {
          int other = index;
          await(
              () -> listsAs(server, respPort(test, other) + 3, false),
              () -> "node " + other + ": " + nodes(server));
        }
      }
      assertEquals(2, cluster(back).self());
      assertTrue(voters(first).containsAll(before));
      await(
          () -> cluster(back).status().join().reports().keySet().equals(Set.of(1L, 2L, 3L)),
          () -> cluster(back).status().join().toString());
    }
  }

  @Test
  void aMemberIsReplacedAndBarred() throws Exception {
    try (var test = new TestCluster(directory)) {
      Server first = test.start(0);
      Server second = test.start(1);
      Server third = test.start(2);
      awaitFormed(3, first, second, third);
      Server fourth = test.start(3);
      await(first, metadata -> metadata.members().containsKey(4L));
      change(first, new MetadataCommand.LeaveMember(2, 4));
      await(first, metadata -> !metadata.members().containsKey(2L));
      awaitFormed(3, first, third, fourth);
      for (GroupRecord group : metadata(first).groups().values()) {
        assertEquals(new TreeSet<>(Set.of(1L, 3L, 4L)), group.confirmed().voters());
      }
      awaitHealthy(first, third, fourth);
      // It still runs, and says so to everybody.
      await(() -> cluster(second).isRemoved(), () -> "it was not told");
      assertTrue(
          cluster(second).trouble().contains("was removed from its cluster"),
          cluster(second).trouble());
      try (var redis = new Jedis("127.0.0.1", second.respPort(), 20_000)) {
        for (String level : List.of("linearizable", "stale")) {
          redis.sendCommand(() -> "HENGE.CONSISTENCY".getBytes(UTF_8), level);
          var refused = assertThrows(JedisDataException.class, () -> redis.get("key"));
          assertTrue(String.valueOf(refused.getMessage()).startsWith("REMOVED "), "" + refused);
        }
        var refused = assertThrows(JedisDataException.class, () -> redis.set("key", "value"));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("REMOVED "), "" + refused);
      }
      test.stop(second);
      // Its directory is barred for ever.
      IOException barred =
          assertThrows(
              IOException.class,
              () -> {
                Path wiped = directory.resolve("node-1");
                Files.delete(wiped.resolve("CLUSTER"));
                Files.delete(wiped.resolve("METADATA"));
                new SystemDisk().deleteTree(wiped.resolve("raft"));
                test.start(1);
              });
      assertTrue(String.valueOf(barred.getMessage()).contains("removed"), barred.getMessage());
    }
  }

  @Test
  void aMemberThatWasRemovedWhileItWasAwayLearnsItBeforeItAnswers() throws Exception {
    try (var test = new TestCluster(directory)) {
      Server first = test.start(0);
      Server second = test.start(1);
      Server third = test.start(2);
      awaitFormed(3, first, second, third);
      try (var redis = new Jedis("127.0.0.1", first.respPort(), 120_000)) {
        redis.set("key", "old");
      }
      awaitStale(second, "old");
      test.stop(second);
      change(first, new MetadataCommand.LeaveMember(2, 0));
      for (Server member : List.of(first, third)) {
        await(member, metadata -> !metadata.members().containsKey(2L));
      }
      Server back = test.start(1);
      assertNotEquals("", cluster(back).trouble());
      for (int port : List.of(back.respPort(), back.respPort() + 3)) {
        try (var redis = new Jedis("127.0.0.1", port, 120_000)) {
          redis.sendCommand(() -> "READONLY".getBytes(UTF_8));
          var refused = assertThrows(JedisDataException.class, () -> redis.get("key"));
          assertTrue(String.valueOf(refused.getMessage()).startsWith("REMOVED "), "" + refused);
        }
      }
      assertEquals(503, health(back).statusCode());
      assertTrue(health(back).body().contains("was removed from its cluster"), health(back).body());
      // It is written down: nobody has to tell it again.
      test.stop(back);
      test.stop(third);
      test.stop(first);
      Server alone = test.start(1);
      assertTrue(cluster(alone).isRemoved());
      assertEquals(503, health(alone).statusCode());
    }
  }

  @Test
  void aMemberWhoseClusterIsAwayCanBeRead() throws Exception {
    try (var test = new TestCluster(directory)) {
      Server first = test.start(0);
      Server second = test.start(1);
      awaitFormed(2, first, second);
      try (var redis = new Jedis("127.0.0.1", first.respPort(), 120_000)) {
        redis.set("key", "value");
      }
      awaitStale(second, "value");
      test.stop(second);
      test.stop(first);
      Server alone = test.start(1);
      // Only what it knows to be committed: older perhaps than what it has shown before.
      await(
          () -> !staleRead(alone).startsWith("UNAVAILABLE"),
          () -> "it waits for its cluster: " + cluster(alone).trouble());
      assertEquals(503, health(alone).statusCode());
    }
  }

  /// Whether clients of the Redis Cluster protocol hear that the node at `port` is lost, or that it
  /// serves.
  private static boolean listsAs(Server server, int port, boolean lost) {
    String line =
        nodes(server)
            .lines()
            .filter(one -> one.contains(" 127.0.0.1:" + port + "@"))
            .findFirst()
            .orElse("");
    try (var redis = new Jedis("127.0.0.1", server.respPort() + 3, 120_000)) {
      boolean inSlots = servingPorts(redis).contains((long) port);
      String shards = ports(redis.clusterShards(), lost ? "fail" : "online");
      return lost
          ? line.contains("slave,fail? ")
              && line.endsWith(" disconnected")
              && !inSlots
              && shards.contains("," + port + ",")
          : line.contains(" connected")
              && !line.contains("fail")
              && inSlots
              && shards.contains("," + port + ",");
    }
  }

  private static int respPort(TestCluster test, int index) {
    String address = test.address(index);
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  /// Ports of all nodes that `CLUSTER SLOTS` names.
  private static Set<Object> servingPorts(Jedis redis) {
    var ports = new HashSet<Object>();
    for (Object range : (List<?>) redis.sendCommand(() -> "CLUSTER".getBytes(UTF_8), "SLOTS")) {
      List<?> fields = (List<?>) range;
      for (Object node : fields.subList(2, fields.size())) {
        ports.add(((List<?>) node).get(1));
      }
    }
    return ports;
  }

  /// Ports of the nodes that `CLUSTER SHARDS` says are of that health, each between commas.
  private static String ports(List<ClusterShardInfo> shards, String health) {
    var ports = new StringBuilder(",");
    for (ClusterShardInfo shard : shards) {
      for (ClusterShardNodeInfo node : shard.getNodes()) {
        if (health.equals(node.getHealth())) {
          ports.append(node.getPort()).append(',');
        }
      }
    }
    return ports.toString();
  }

  private static String nodes(Server server) {
    try (var redis = new Jedis("127.0.0.1", server.respPort() + 3, 120_000)) {
      return redis.clusterNodes();
    }
  }

  private static void awaitStale(Server server, String value) {
    await(() -> staleRead(server).equals(value), () -> "not seen at " + server.respAddress());
  }

  /// What `server` answers to a stale read of `key`; its error where it does not.
  private static String staleRead(Server server) {
    try (var redis = new Jedis("127.0.0.1", server.respPort(), 120_000)) {
      redis.sendCommand(() -> "HENGE.CONSISTENCY".getBytes(UTF_8), "stale");
      return String.valueOf(redis.get("key"));
    } catch (JedisDataException refused) {
      return String.valueOf(refused.getMessage());
    }
  }

  private static HttpResponse<String> health(Server server) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://" + server.httpAddress() + "/health")).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  /// Wherever it was: asked for, a learner, in a joint configuration, or a voter.
  @Test
  void aMemberThatDiesWhileItIsGivenReplicasCanBeRemoved() throws Exception {
    try (var test = new TestCluster(directory)) {
      Server first = test.start(0);
      Server second = test.start(1);
      Server third = test.start(2);
      for (int i = 0; i < 4; i++) {
        assertInstanceOf(DeclareOutcome.Created.class, declare(first, "k" + i));
      }
      awaitFormed(3, first, second, third);
      Server fourth = test.start(3);
      await(
          first,
          metadata ->
              metadata.groups().values().stream()
                  .anyMatch(group -> group.target().voters().contains(4L)));
      test.stop(fourth);
      change(first, new MetadataCommand.LeaveMember(4, 0));
      await(first, metadata -> !metadata.members().containsKey(4L));
      awaitFormed(3, first, second, third);
      awaitHealthy(first, second, third);
    }
  }

  @Test
  void theLeaderOfTwoLeavesAndTheOtherHasAll() throws Exception {
    try (var test = new TestCluster(directory)) {
      Server first = test.start(0);
      assertInstanceOf(DeclareOutcome.Created.class, declare(first, "named"));
      try (var redis = new Jedis("127.0.0.1", first.respPort(), 20_000)) {
        assertEquals("OK", redis.set("key", "value"));
      }
      Server second = test.start(1);
      awaitFormed(2, first, second);
      change(second, new MetadataCommand.LeaveMember(1, 0));
      await(second, metadata -> !metadata.members().containsKey(1L));
      await(
          second,
          metadata ->
              metadata.groups().values().stream()
                  .allMatch(
                      group -> group.settled() && group.confirmed().members().equals(Set.of(2L))));
      test.stop(first);
      awaitHealthy(second);
      try (var redis = new Jedis("127.0.0.1", second.respPort(), 20_000)) {
        assertEquals("value", redis.get("key"));
        assertEquals("OK", redis.set("key", "newer"));
        assertEquals("newer", redis.get("key"));
      }
    }
  }

  @Test
  void aWipedDiskIsAnotherMember() throws Exception {
    try (var test = new TestCluster(directory)) {
      Server first = test.start(0);
      Server second = test.start(1);
      awaitFormed(2, first, second);
      String node = metadata(first).member(2).orElseThrow().node().id();
      Server third = test.start(2);
      awaitFormed(3, first, second, third);
      test.stop(second);
      Server other = test.start(1, directory.resolve("fresh"), test.address(0));
      assertEquals(4, cluster(other).self());
      await(first, metadata -> metadata.members().containsKey(4L));
      assertNotEquals(node, metadata(first).member(4).orElseThrow().node().id());
      assertEquals(node, metadata(first).member(2).orElseThrow().node().id());
      change(first, new MetadataCommand.LeaveMember(2, 4));
      await(first, metadata -> !metadata.members().containsKey(2L));
      awaitFormed(3, first, third, other);
    }
  }

  @Test
  void clustersNeverMerge() throws Exception {
    try (var test = new TestCluster(directory)) {
      test.start(0);
      Server other = test.start(1, directory.resolve("other"), "");
      String id = metadata(other).clusterId();
      test.stop(other);
      IOException refused =
          assertThrows(
              IOException.class, () -> test.start(1, directory.resolve("other"), test.address(0)));
      String why = String.valueOf(refused.getMessage());
      assertTrue(why.contains("two clusters never merge") && why.contains(id), why);
      Server again = test.start(1, directory.resolve("other"), "");
      assertEquals(id, metadata(again).clusterId());
      assertEquals(Set.of(1L), metadata(again).members().keySet());
    }
  }

  @Test
  void ringsFollowTheMembers() throws Exception {
    try (var test = new TestCluster(directory)) {
      Server first = test.start(0);
      var eventual = KeyspaceDeclaration.EVENTUAL;
      assertInstanceOf(DeclareOutcome.Created.class, TestCluster.declare(first, "alone", eventual));
      assertEquals(Set.of(1L), ring(first, "alone").current().members(), "one copy serves");
      Server second = test.start(1);
      Server third = test.start(2);
      awaitFormed(3, first, second, third);
      assertInstanceOf(
          DeclareOutcome.Created.class, TestCluster.declare(third, "together", eventual));
      assertInstanceOf(
          DeclareOutcome.Existing.class, TestCluster.declare(second, "together", eventual));
      var other = eventual.eventual(Replication.of(2));
      assertInstanceOf(
          DeclareOutcome.Differs.class, TestCluster.declare(second, "together", other));
      assertEquals(3, ring(third, "together").copies(), "a first table is in force at once");
      // Whether the second owns slots already, or is given what is there first.
      await(
          () -> ring(first, "alone").holders().containsAll(Set.of(1L, 2L)),
          () -> ring(first, "alone").toString());
    }
  }

  private static RingRecord ring(Server server, String name) {
    return metadata(server)
        .keyspace(name)
        .flatMap(keyspace -> metadata(server).ring(keyspace.id()))
        .orElseThrow();
  }

  private static KeyspaceDeclaration unsynced() {
    KeyspaceDeclaration usual = KeyspaceDeclaration.DEFAULT;
    return new KeyspaceDeclaration(
        usual.mode(),
        usual.engine(),
        Durability.INTERVAL,
        usual.ttlMillis(),
        usual.compression(),
        usual.groups(),
        usual.keyBytesMax(),
        usual.valueBytesMax(),
        usual.replication());
  }

  private static Set<String> voters(Server server) {
    var all = new TreeSet<String>();
    for (GroupRecord group : metadata(server).groups().values()) {
      all.add(group.id() + ": " + group.confirmed().voters());
    }
    return all;
  }

  private static void awaitHealthy(Server... servers) {
    for (Server server : servers) {
      await(() -> cluster(server).trouble().isEmpty(), () -> cluster(server).trouble());
    }
  }

  private static DeclareOutcome declare(Server server, String name) throws Exception {
    return TestCluster.declare(server, name, KeyspaceDeclaration.DEFAULT);
  }

  private static void change(Server server, MetadataCommand command) throws Exception {
    MetadataOutcome outcome = cluster(server).change(command).get(120, TimeUnit.SECONDS);
    assertInstanceOf(MetadataOutcome.Changed.class, outcome);
  }
}
