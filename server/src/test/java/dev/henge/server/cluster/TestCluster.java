package dev.henge.server.cluster;

import dev.henge.base.system.FreePorts;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.server.Server;
import dev.henge.server.config.ConfigException;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import dev.henge.server.store.DeclareOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/// Real servers of one cluster, on loopback, in this process.
final class TestCluster implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(180);

  private final Path directory;
  private final List<Server> servers = new ArrayList<>();
  private final int port;

  TestCluster(Path directory) throws IOException {
    this.directory = directory;
    this.port = FreePorts.ofNodes(9);
  }

  /// Starts server `index` on its directory and ports; all but the first join the first.
  Server start(int index) throws IOException, ConfigException {
    return start(index, directory.resolve("node-" + index), index == 0 ? "" : address(0));
  }

  Server start(int index, Path data, String join) throws IOException, ConfigException {
    NodeConfig config =
        NodeConfig.builder()
            .set(Settings.DATA, data.toString())
            .set(Settings.PORT, port + FreePorts.NODE_STEP * index)
            .set(Settings.JOIN, join)
            .set(Settings.CACHE, 4L << 20)
            .set(Settings.MEMTABLE, 1L << 20)
            .set(Settings.KEYSPACE_MEMTABLE, 1L << 20)
            .build();
    Server server = Server.start(config);
    servers.add(server);
    return server;
  }

  /// Where server `index` speaks RESP.
  String address(int index) {
    return "127.0.0.1:" + (port + FreePorts.NODE_STEP * index);
  }

  static Cluster cluster(Server server) {
    return server.node().cluster();
  }

  static Metadata metadata(Server server) {
    return cluster(server).map().metadata();
  }

  /// Declares a keyspace, again where a node's own patience was too short for this machine.
  static DeclareOutcome declare(Server server, String name, KeyspaceDeclaration declaration)
      throws Exception {
    long endNanos = System.nanoTime() + PATIENCE.toNanos();
    boolean again = false;
    while (true) {
      DeclareOutcome outcome =
          cluster(server).declare(name, declaration).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (!(outcome instanceof DeclareOutcome.Unavailable) || System.nanoTime() > endNanos) {
        // What is there already may be what the first try has made.
        return again && outcome instanceof DeclareOutcome.Existing(DeclaredKeyspace made)
            ? new DeclareOutcome.Created(made)
            : outcome;
      }
      again = true;
    }
  }

  /// Waits until `servers` all follow one epoch in which `count` members are up and every group has
  /// its replicas and a leader.
  static void awaitFormed(int count, Server... servers) {
    for (Server server : servers) {
      await(
          server,
          metadata ->
              metadata.members().size() == count
                  && metadata.members().values().stream()
                      .allMatch(member -> member.state() == Member.State.UP)
                  && metadata.groups().values().stream()
                      .allMatch(group ->
                          group.settled()
                              && (count == 1 || group.form() == GroupRecord.Form.REPLICATED)
                              && group.confirmed().voters().size() >= Math.min(3, count)));
    }
  }

  static void await(Server server, Predicate<Metadata> condition) {
    await(() -> condition.test(metadata(server)), () -> metadata(server).toString());
  }

  interface Fact {
    boolean holds();
  }

  interface Text {
    String text();
  }

  static void await(Fact fact, Text otherwise) {
    long endNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!fact.holds()) {
      if (System.nanoTime() > endNanos) {
        throw new AssertionError("not within " + PATIENCE + ": " + otherwise.text());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  void stop(Server server) throws IOException {
    servers.remove(server);
    server.close();
  }

  @Override
  public void close() throws IOException {
    for (Server server : servers.reversed()) {
      server.close();
    }
  }
}
