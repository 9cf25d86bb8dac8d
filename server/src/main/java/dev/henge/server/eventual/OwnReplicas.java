package dev.henge.server.eventual;

import dev.henge.base.Clock;
import dev.henge.base.Disk;
import dev.henge.base.Threads;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.Durability;
import dev.henge.consensus.metadata.KeyspaceMode;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.Replication;
import dev.henge.replication.causality.HybridClock;
import dev.henge.replication.replica.Dots;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.replication.replica.ReplicaFactory;
import dev.henge.server.store.DataDirectoryFiles;
import dev.henge.server.store.EngineFactory;
import dev.henge.storage.CompactionFilter;
import dev.henge.storage.Engine;
import dev.henge.storage.WriteRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's copies of all eventual keyspaces: one engine each, in `eventual/<id>`.
///
/// Every member opens every eventual keyspace, also where it owns no slot of it (yet): what it may
/// be given next has a place.
///
/// - Threads: [#follow] and [#close] one at a time, blocking on the disk; lookups any.
/// - Lifetime: owns the engines.
final class OwnReplicas implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnReplicas.class);

  /// How far another node's clock may be ahead of this one's.
  private static final long DRIFT_MILLIS_MAX = 10_000;

  /// What an open keyspace is made of.
  private record Open(KeyspaceReplica replica, Threads.@Nullable Timer syncing) {}

  private final Disk disk;
  private final Path root;
  private final EngineFactory engines;
  private final ReplicaFactory factory;
  private final Dots dots;
  private final HybridClock hybridClock;
  private final Clock clock;
  private final Threads threads;
  private final Threads.Pool pool;
  private final Duration syncInterval;
  private final Map<Integer, Open> open = new ConcurrentHashMap<>();

  /// @param root the node's data directory
  /// @param pool syncs logs; may block
  /// @param syncInterval where durability is `interval`
  OwnReplicas(
      Disk disk,
      Path root,
      EngineFactory engines,
      ReplicaFactory factory,
      Dots dots,
      Clock clock,
      Threads threads,
      Threads.Pool pool,
      Duration syncInterval) {
    this.disk = disk;
    this.root = root;
    this.engines = engines;
    this.factory = factory;
    this.dots = dots;
    this.hybridClock = new HybridClock(clock, DRIFT_MILLIS_MAX);
    this.clock = clock;
    this.threads = threads;
    this.pool = pool;
    this.syncInterval = syncInterval;
  }

  /// Opens what `metadata` has and is not open yet.
  void follow(Metadata metadata) throws IOException {
    for (DeclaredKeyspace keyspace : metadata.keyspaces().values()) {
      if (keyspace.declaration().mode() == KeyspaceMode.EVENTUAL
          && !open.containsKey(keyspace.id())) {
        open.put(keyspace.id(), open(keyspace));
      }
    }
  }

  /// This node's copies of a keyspace; null where it is not open (yet).
  @Nullable KeyspaceReplica replica(int keyspaceId) {
    Open found = open.get(keyspaceId);
    return found == null ? null : found.replica;
  }

  /// All of this node's copies, as they are now, by keyspace id.
  Map<Integer, KeyspaceReplica> replicas() {
    var all = new TreeMap<Integer, KeyspaceReplica>();
    open.forEach((id, one) -> all.put(id, one.replica));
    return all;
  }

  /// Whether no engine has stopped writing.
  boolean areWriting() {
    return open.values().stream().allMatch(one -> one.replica.engine().stoppedBy().isEmpty());
  }

  /// Syncs and closes the engines; each is closed even where one fails to.
  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (Open one : open.values()) {
      if (one.syncing != null) {
        one.syncing.cancel();
      }
      try {
        one.replica.engine().close();
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    open.clear();
    if (failure != null) {
      throw failure;
    }
  }

  private Open open(DeclaredKeyspace keyspace) throws IOException {
    Durability durability = keyspace.declaration().durability();
    Path directory =
        root.resolve(DataDirectoryFiles.EVENTUAL).resolve(Integer.toString(keyspace.id()));
    disk.createDurably(root, directory);
    Engine engine =
        engines.open(
            directory,
            new EngineFactory.Role(keyspace.name(), false, keyspace.declaration().compression()),
            CompactionFilter.KEEP_ALL);
    var options =
        new KeyspaceReplica.Options(
            keyspace.id(),
            keyspace.declaration().replication().conflicts() == Replication.Conflicts.LATEST,
            durability.logMode());
    var replica = factory.make(engine, options, dots, hybridClock, clock);
    return new Open(
        replica,
        durability == Durability.INTERVAL
            ? threads.every(syncInterval, pool, () -> sync(keyspace.name(), engine))
            : null);
  }

  private static void sync(String name, Engine engine) {
    try {
      engine.syncLog();
    } catch (WriteRefusedException stopped) {
      LOG.error("{}: the log cannot be synced, writes have stopped", name, stopped);
    }
  }
}
