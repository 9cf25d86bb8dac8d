package dev.henge.server.eventual;

import dev.henge.base.Disk;
import dev.henge.base.Seams;
import dev.henge.base.Threads;
import dev.henge.replication.handoff.HintReplay;
import dev.henge.replication.handoff.HintStore;
import dev.henge.replication.membership.Liveness;
import dev.henge.replication.quorum.Placement;
import dev.henge.replication.quorum.RemoteReplicas;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.server.store.DataDirectoryFiles;
import dev.henge.server.store.EngineFactory;
import dev.henge.storage.Access;
import dev.henge.storage.CompactionFilter;
import dev.henge.storage.Engine;
import dev.henge.storage.NotInMemoryException;
import dev.henge.storage.lsm.table.Compression;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Hints on this node: their engine in `eventual/hints`, and their way to their targets. It opens
/// with the first eventual keyspace; until then there is nothing to give hints of.
///
/// - Threads: any; [#open] and [#close] block on the disk, one at a time.
/// - Lifetime: owns the engine.
final class Hints implements AutoCloseable {
  private static final String NAME = "hints";

  private final Path root;
  private final EngineFactory engines;
  private final Seams seams;
  private final Threads.Pool blocking;

  private volatile @Nullable HintStore store;

  // owned by whoever opens and closes
  private @Nullable Engine engine;
  private @Nullable HintReplay replay;

  /// @param root the node's data directory
  Hints(Path root, EngineFactory engines, Seams seams, Threads.Pool blocking) {
    this.root = root;
    this.engines = engines;
    this.seams = seams;
    this.blocking = blocking;
  }

  /// Opens what is kept, and begins to bring it where it belongs. No effect where it is open.
  HintStore open(
      long self,
      Placement placement,
      Liveness liveness,
      RemoteReplicas remote,
      IntFunction<@Nullable KeyspaceReplica> replicas)
      throws IOException {
    HintStore before = store;
    if (before != null) {
      return before;
    }
    Path directory = root.resolve(DataDirectoryFiles.EVENTUAL).resolve(NAME);
    Disk disk = seams.disk();
    disk.createDurably(root, directory);
    Engine opened =
        engines.open(
            directory,
            new EngineFactory.Role(NAME, false, Compression.LZ4),
            CompactionFilter.KEEP_ALL);
    engine = opened;
    var kept = new HintStore(opened, HintStore.Options.defaults(), seams.clock());
    replay =
        new HintReplay(
            new HintReplay.Parts(
                self,
                kept,
                placement,
                liveness,
                remote,
                replicas,
                seams.clock(),
                seams.threads(),
                blocking),
            HintReplay.Options.defaults());
    store = kept;
    return kept;
  }

  /// Keeps a copy for a member that cannot take it now.
  ///
  /// @param stored borrowed until the listener is called
  void take(
      long target, int keyspaceId, byte[] key, byte[] stored, RemoteReplicas.Stored listener) {
    HintStore open = store;
    if (open == null) {
      listener.refused();
      return;
    }
    try {
      open.take(target, keyspaceId, key, stored, Access.MEMORY, listener);
    } catch (NotInMemoryException needsTheDisk) {
      try {
        blocking.execute(() -> open.take(target, keyspaceId, key, stored, Access.DISK, listener));
      } catch (RejectedExecutionException full) {
        listener.refused();
      }
    }
  }

  /// For whom something is kept.
  long[] targets() {
    HintStore open = store;
    return open == null ? new long[0] : open.targets();
  }

  /// Begins nothing more. The pool ends between this and [#close].
  void stop() {
    HintReplay running = replay;
    if (running != null) {
      running.close();
    }
  }

  @Override
  public void close() throws IOException {
    store = null;
    Engine open = engine;
    engine = null;
    if (open != null) {
      open.close();
    }
  }
}
