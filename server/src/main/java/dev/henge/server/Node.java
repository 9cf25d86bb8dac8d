package dev.henge.server;

import dev.henge.data.Scope;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import dev.henge.server.store.Catalog;
import dev.henge.server.store.DataDirectory;
import dev.henge.server.store.LsmEngines;
import java.io.IOException;
import java.nio.file.Path;

/// One node without its sockets: the only place that knows all parts of what it stores and puts
/// them together. [Server] attaches the ports.
///
/// - Order: data directory (lock, identity), what engines share, engines; closed in reverse.
/// - Threads: any; starting and closing block on the disk.
/// - Errors: what keeps a node from starting is an [IOException] for the person who started it.
public final class Node implements AutoCloseable {
  private final DataDirectory directory;
  private final Catalog catalog;
  private final Parts parts = new Parts();

  private Node(NodeConfig config, Seams seams) throws IOException {
    try {
      directory =
          parts.opened(
              DataDirectory.open(
                  seams.disk(), Path.of(config.value(Settings.DATA)), seams.randomness()));
      LsmEngines engines = parts.opened(engines(config, seams));
      catalog =
          parts.opened(
              Catalog.open(
                  directory,
                  engines,
                  catalogOptions(config),
                  seams.clock(),
                  seams.randomness(),
                  seams.threads()));
    } catch (IOException | RuntimeException e) {
      parts.closeAfter(e);
      throw e;
    }
  }

  /// Starts a node on seams that whoever made them closes after it.
  public static Node start(NodeConfig config, Seams seams) throws IOException {
    return new Node(config, seams);
  }

  /// Its identity: 32 hexadecimal digits.
  public String id() {
    return directory.nodeId();
  }

  public Catalog catalog() {
    return catalog;
  }

  /// Syncs and closes the engines. Idempotent.
  @Override
  public void close() throws IOException {
    parts.close();
  }

  private static LsmEngines engines(NodeConfig config, Seams seams) {
    return new LsmEngines(
        seams.disk(),
        seams.clock(),
        seams.threads(),
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
