package dev.henge.server.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisException;

/// Clients of the Redis Cluster protocol follow a failover without being started again.
final class FailoverClientsTest {
  /// What a client does with a key; fails as the client does.
  private interface Call {
    void on(String key);
  }

  @SuppressWarnings("NullAway.Init") // by JUnit
  @TempDir
  Path directory;

  @Test
  void theyFollowTheDeathOfALeader() throws Exception {
    try (var cluster = new ThreeNodes(directory)) {
      ThreeNodes.Node leader = cluster.leader(1);
      Set<HostAndPort> seeds =
          cluster.nodes.stream()
              .map(node -> new HostAndPort("127.0.0.1", node.clusterPort))
              .collect(Collectors.toCollection(HashSet::new));
      List<RedisURI> uris =
          cluster.nodes.stream()
              .map(node -> RedisURI.create("127.0.0.1", node.clusterPort))
              .toList();
      RedisClusterClient lettuce = RedisClusterClient.create(uris);
      // Lettuce looks at the cluster again only where it is told to.
      lettuce.setOptions(
          ClusterClientOptions.builder()
              .topologyRefreshOptions(
                  ClusterTopologyRefreshOptions.builder()
                      .enableAllAdaptiveRefreshTriggers()
                      .adaptiveRefreshTriggersTimeout(Duration.ofMillis(100))
                      .refreshTriggersReconnectAttempts(1)
                      .build())
              .build());
      try (var jedis = redis.clients.jedis.RedisClusterClient.create(seeds);
          var connection = lettuce.connect()) {
        connection.setTimeout(Duration.ofSeconds(2));
        var commands = connection.sync();
        each("before", key -> jedis.set("jedis-" + key, key));
        each("before", key -> commands.set("lettuce-" + key, key));
        leader.stop();
        each("after", key -> jedis.set("jedis-" + key, key));
        each("after", key -> commands.set("lettuce-" + key, key));
        for (String when : List.of("before", "after")) {
          each(when, key -> assertEquals(key, jedis.get("lettuce-" + key)));
          each(when, key -> assertEquals(key, commands.get("jedis-" + key)));
        }
      } finally {
        lettuce.shutdown();
      }
    }
  }

  @Test
  void redisCliIsSentToTheNextLeaderByWhoeverIsLeft() throws Exception {
    assumeTrue(isThere("redis-cli"), "this machine has no redis-cli");
    try (var cluster = new ThreeNodes(directory)) {
      ThreeNodes.Node dead = cluster.leader(1);
      dead.stop();
      for (ThreeNodes.Node left : cluster.nodes) {
        if (left != dead) {
          TestCluster.await(
              () -> ask(left, "set", "key", "by " + left.clusterPort).contains("OK"),
              () -> ask(left, "set", "key", "value"));
          for (ThreeNodes.Node other : cluster.nodes) {
            if (other != dead) {
              TestCluster.await(
                  () -> ask(other, "get", "key").contains("by " + left.clusterPort),
                  () -> ask(other, "get", "key"));
            }
          }
        }
      }
    }
  }

  private static boolean isThere(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  /// What `redis-cli -c` prints.
  private static String ask(ThreeNodes.Node node, String... words) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "redis-cli", "-c", "-h", "127.0.0.1", "-p", Integer.toString(node.clusterPort)));
    command.addAll(List.of(words));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      return new String(process.getInputStream().readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Every key, each as often as it takes.
  private static void each(String when, Call call) {
    for (int i = 0; i < 30; i++) {
      String key = when + "-" + i;
      TestCluster.await(
          () -> {
            try {
              call.on(key);
              return true;
            } catch (JedisException | RedisException notYet) {
              return false;
            }
          },
          () -> key + " through a client that was there before the leader died");
    }
  }
}
