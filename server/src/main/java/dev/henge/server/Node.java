package dev.henge.server;

import dev.henge.base.Seams;
import dev.henge.consensus.group.GroupOptions;
import dev.henge.consensus.log.LogOptions;
import dev.henge.consensus.metadata.Location;
import dev.henge.consensus.raft.Raft;
import dev.henge.consensus.strong.Room;
import dev.henge.data.Scope;
import dev.henge.server.cluster.Cluster;
import dev.henge.server.cluster.ClusterOptions;
import dev.henge.server.cluster.NetworkPeerPort;
import dev.henge.server.cluster.PeerPort;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import dev.henge.server.store.Catalog;
import dev.henge.server.store.DataDirectory;
import dev.henge.server.store.LsmEngines;
import dev.henge.storage.lsm.LsmOptions;
import java.io.IOException;
import java.nio.file.Path;

/// One node without its sockets: the only place that knows all parts of what it stores and puts
/// them together. [Server] attaches the ports.
///
/// - Order: data directory (lock, identity), what engines share, engines, then the cluster; closed
///   in reverse.
/// - Threads: any; starting and closing block on the disk.
/// - Errors: what keeps a node from starting is an [IOException] for the person who started it.
public final class Node implements AutoCloseable {
  /// Threads of the groups' strands, and as many again that may block on the disk.
  private static final int GROUP_THREADS = 2;

  private final DataDirectory directory;
  private final Catalog catalog;
  private final Cluster cluster;
  private final Parts parts = new Parts();

  /// What settings do not reach.
  ///
  /// @param engines what engines begin with, before the settings' memory
  public record Options(ClusterOptions cluster, LsmOptions engines) {}

  private Node(NodeConfig config, Seams seams, Options options, PeerPort.Opener opener)
      throws IOException {
    try {
      directory =
          parts.opened(
              DataDirectory.open(
                  seams.disk(), Path.of(config.value(Settings.DATA)), seams.randomness()));
      LsmEngines engines = parts.opened(engines(config, seams, options.engines));
      catalog =
          parts.opened(
              new Catalog(
                  directory,
                  engines,
                  catalogOptions(config),
                  seams.clock(),
                  seams.randomness(),
                  seams.threads()));
      cluster =
          parts.opened(new Cluster(options.cluster, seams, directory, catalog, engines, opener));
    } catch (IOException | RuntimeException e) {
      parts.closeAfter(e);
      throw e;
    }
  }

  /// Starts a node on seams that whoever made them closes after it.
  public static Node start(NodeConfig config, Seams seams) throws IOException {
    int port = config.value(Settings.PORT);
    return start(
        config,
        seams,
        options(config),
        directory ->
            new NetworkPeerPort(
                config.value(Settings.HOST),
                port == 0 ? 0 : port + 2,
                seams.network(),
                directory,
                seams.clock(),
                seams.randomness(),
                seams.threads()));
  }

  /// Starts a node whose way to others is `opener`'s.
  public static Node start(NodeConfig config, Seams seams, Options options, PeerPort.Opener opener)
      throws IOException {
    return new Node(config, seams, options, opener);
  }

  /// The usual ones, by a node's settings.
  public static Options options(NodeConfig config) {
    return new Options(
        new ClusterOptions(
            config.value(Settings.JOIN),
            config.value(Settings.HOST),
            config.value(Settings.PORT),
            new Location(config.value(Settings.DATA_CENTRE), config.value(Settings.RACK)),
            config.value(Settings.CAPACITY),
            GROUP_THREADS,
            GroupOptions.defaults(),
            LogOptions.DEFAULT,
            Raft::new,
            Room.BLOCKING),
        LsmOptions.defaults());
  }

  /// Its identity: 32 hexadecimal digits.
  public String id() {
    return directory.nodeId();
  }

  public Catalog catalog() {
    return catalog;
  }

  /// Its part in a cluster.
  public Cluster cluster() {
    return cluster;
  }

  /// Syncs and closes the engines. Idempotent.
  @Override
  public void close() throws IOException {
    parts.close();
  }

  private static LsmEngines engines(NodeConfig config, Seams seams, LsmOptions defaults) {
    return new LsmEngines(
        seams.disk(),
        seams.clock(),
        seams.threads(),
        defaults,
        config.value(Settings.CACHE),
        config.value(Settings.MEMTABLE_TOTAL),
        config.value(Settings.MEMTABLE),
        config.value(Settings.KEYSPACE_MEMTABLE));
  }

  private static Catalog.Options catalogOptions(NodeConfig config) {
    return new Catalog.Options(
        config.value(Settings.DURABILITY),
        config.value(Settings.COMPRESSION),
        config.value(Settings.SYNC_INTERVAL),
        new Scope.Limits(
            Math.toIntExact(config.value(Settings.KEY_LIMIT)),
            Math.toIntExact(config.value(Settings.VALUE_LIMIT)),
            0),
        config.value(Settings.KEYSPACES));
  }
}
