package dev.henge.server.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.masterreplica.MasterReplica;
import io.lettuce.core.models.role.RedisInstance;
import io.lettuce.core.models.role.RedisMasterInstance;
import io.lettuce.core.models.role.RedisReplicaInstance;
import io.lettuce.core.models.role.RoleParser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;

/// What INFO, ROLE and HELLO say of each node, and what clients make of it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RoleTest {
  private static final Pattern REPLICA =
      Pattern.compile("ip=127\\.0\\.0\\.1,port=(\\d+),state=online,offset=(\\d+),lag=\\d+");

  @SuppressWarnings("NullAway.Init") // before all
  private ThreeNodes cluster;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    cluster = new ThreeNodes(directory);
    cluster.leader(1);
  }

  @AfterAll
  void stop() throws Exception {
    cluster.close();
  }

  @Test
  void theLeaderIsTheMasterOnEitherPort() {
    agreed(node -> node.respPort);
    agreed(node -> node.clusterPort);
  }

  @Test
  void eachGroupHasItsOwnMaster() throws Exception {
    for (ThreeNodes.Node node : cluster.nodes) {
      for (long group = 2; group <= 4; group++) {
        cluster.leader(group);
      }
      TestCluster.await(
          () -> {
            boolean leads = node.leads(2) || node.leads(3) || node.leads(4);
            try (var redis = new Jedis("127.0.0.1", node.respPort, 120_000)) {
              redis.sendCommand(Protocol.Command.SELECT, ThreeNodes.MANY);
              return (leads ? "master" : "slave").equals(info(redis).get("role"));
            }
          },
          () -> "the role of node " + node.member);
    }
  }

  /// A client that knows one address, whatever its node's role, writes through it.
  @Test
  void plainClientsWriteThroughAnyNode() {
    for (ThreeNodes.Node node : cluster.nodes) {
      RedisClient client = RedisClient.create(RedisURI.create("127.0.0.1", node.respPort));
      try (var connection = client.connect()) {
        RedisCommands<String, String> redis = connection.sync();
        assertEquals("OK", redis.set("plain-" + node.member, "lettuce"));
        assertEquals("lettuce", redis.get("plain-" + node.member));
      } finally {
        client.shutdown();
      }
      try (var redis = new Jedis("127.0.0.1", node.respPort, 60_000)) {
        assertEquals("OK", redis.set("plain-" + node.member, "jedis"));
        assertEquals("no", redis.configGet("replica-read-only").get("replica-read-only"));
      }
    }
  }

  /// Lettuce finds the master and the replicas from any node.
  @Test
  void lettuceFindsTheMaster() {
    for (ThreeNodes.Node node : cluster.nodes) {
      agreed(each -> each.respPort);
      RedisClient client = RedisClient.create();
      try (var connection =
          MasterReplica.connect(
              client, StringCodec.UTF8, RedisURI.create("127.0.0.1", node.respPort))) {
        connection.setReadFrom(ReadFrom.REPLICA);
        RedisCommands<String, String> redis = connection.sync();
        assertEquals("OK", redis.set("found-" + node.member, "value"));
        // a replica answers no less freshly: it asks the leader
        assertEquals("value", redis.get("found-" + node.member));
      } finally {
        client.shutdown();
      }
    }
  }

  /// Waits until one node says that it leads, with both others, and these say the same.
  private void agreed(ToIntFunction<ThreeNodes.Node> port) {
    List<String> seen = new ArrayList<>();
    TestCluster.await(
        () -> {
          seen.clear();
          Set<Integer> masters = new TreeSet<>();
          Set<Integer> replicas = new TreeSet<>();
          Set<Integer> mastersOfReplicas = new TreeSet<>();
          Set<Integer> replicasOfMasters = new TreeSet<>();
          for (ThreeNodes.Node node : cluster.nodes) {
            try (var redis = new Jedis("127.0.0.1", port.applyAsInt(node), 120_000)) {
              Map<String, String> info = info(redis);
              List<Object> role = redis.role();
              Map<String, Object> hello = hello(redis);
              seen.add(info + " " + role + " " + hello);
              if ("master".equals(info.get("role"))) {
                masters.add(port.applyAsInt(node));
                replicasOf(info, replicasOfMasters);
                if (!master(role, replicasOfMasters) || !"master".equals(hello.get("role"))) {
                  return false;
                }
              } else {
                replicas.add(port.applyAsInt(node));
                assertEquals("slave", info.get("role"));
                assertEquals("0", info.get("slave_read_only"));
                if (!"up".equals(info.get("master_link_status"))
                    || !"replica".equals(hello.get("role"))) {
                  return false;
                }
                mastersOfReplicas.add(Integer.parseInt(info.get("master_port")));
                if (!replica(role, mastersOfReplicas)) {
                  return false;
                }
              }
            }
          }
          return masters.size() == 1
              && replicas.size() == 2
              && masters.equals(mastersOfReplicas)
              && replicas.equals(replicasOfMasters);
        },
        seen::toString);
    assertNotEquals("", seen.toString());
  }

  private static void replicasOf(Map<String, String> info, Set<Integer> ports) {
    int count = Integer.parseInt(info.get("connected_slaves"));
    for (int i = 0; i < count; i++) {
      Matcher line = REPLICA.matcher(info.get("slave" + i));
      if (line.matches()) {
        ports.add(Integer.parseInt(line.group(1)));
      }
    }
  }

  /// Whether ROLE agrees with INFO, as a client reads it.
  private static boolean master(List<Object> role, Set<Integer> ports) {
    RedisInstance parsed = RoleParser.parse(texts(role));
    Set<Integer> told = new TreeSet<>();
    if (parsed instanceof RedisMasterInstance master) {
      master.getReplicas().forEach(replica -> told.add(replica.getHost().getPort()));
    }
    return told.equals(ports);
  }

  private static boolean replica(List<Object> role, Set<Integer> masters) {
    return RoleParser.parse(texts(role)) instanceof RedisReplicaInstance replica
        && replica.getState() == RedisReplicaInstance.State.CONNECTED
        && masters.contains(replica.getUpstream().getHost().getPort());
  }

  private static List<Object> texts(List<?> reply) {
    List<Object> texts = new ArrayList<>();
    for (Object item : reply) {
      texts.add(
          switch (item) {
            case byte[] bytes -> new String(bytes, UTF_8);
            case List<?> list -> texts(list);
            default -> item;
          });
    }
    return texts;
  }

  private static Map<String, String> info(Jedis redis) {
    Map<String, String> lines = new TreeMap<>();
    for (String line : redis.info("replication").split("\r\n")) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        lines.put(line.substring(0, colon), line.substring(colon + 1));
      }
    }
    return lines;
  }

  private static Map<String, Object> hello(Jedis redis) {
    List<Object> flat = texts((List<?>) redis.sendCommand(Protocol.Command.HELLO));
    Map<String, Object> pairs = new TreeMap<>();
    for (int i = 0; i + 1 < flat.size(); i += 2) {
      pairs.put(flat.get(i).toString(), flat.get(i + 1));
    }
    return pairs;
  }
}
