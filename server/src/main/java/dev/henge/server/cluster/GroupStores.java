package dev.henge.server.cluster;

import dev.henge.base.Clock;
import dev.henge.base.Disk;
import dev.henge.base.Threads;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.strong.Room;
import dev.henge.consensus.strong.StrongOptions;
import dev.henge.consensus.strong.StrongStateMachine;
import dev.henge.server.store.Catalog;
import dev.henge.server.store.DataDirectoryFiles;
import dev.henge.server.store.EngineFactory;
import dev.henge.server.store.LsmEngines;
import java.io.IOException;
import java.nio.file.Path;

/// What replicated groups have on this node's disk: `groups/<id>`, and the engines that were local
/// ones before.
///
/// - Threads: one at a time; everything blocks on the disk.
final class GroupStores {
  private final Disk disk;
  private final Path directory;
  private final LsmEngines engines;
  private final Catalog catalog;
  private final Clock clock;
  private final Threads.Pool background;
  private final Room room;

  /// @param directory the node's
  /// @param background flushes engines; outlives the state machines
  GroupStores(
      Disk disk,
      Path directory,
      LsmEngines engines,
      Catalog catalog,
      Clock clock,
      Threads.Pool background,
      Room room) {
    this.disk = disk;
    this.directory = directory;
    this.engines = engines;
    this.catalog = catalog;
    this.clock = clock;
    this.background = background;
    this.room = room;
  }

  /// The replica as it was left; an empty one where there is none.
  StrongStateMachine open(GroupRecord group, Metadata metadata) throws IOException {
    disk.createDurably(directory, path(group.id()));
    return StrongStateMachine.open(options(group, metadata));
  }

  /// The first replica of a group that was local here, whose engine is closed. Where a crash came
  /// after it was made, it is opened.
  StrongStateMachine found(GroupRecord group, Metadata metadata) throws IOException {
    disk.createDurably(directory, path(group.id()));
    return StrongStateMachine.exists(disk, path(group.id()))
        ? open(group, metadata)
        : StrongStateMachine.found(
            options(group, metadata), catalog.directory(group), clock.wallMillis());
  }

  /// Removes everything of a group that this node has no replica of any more.
  void delete(GroupRecord group) throws IOException {
    if (group.form() == GroupRecord.Form.REPLICATED) {
      remove(path(group.id()));
      remove(catalog.directory(group));
    }
  }

  /// Whether there is anything of a replicated group.
  boolean holds(GroupRecord group) {
    return disk.exists(path(group.id()))
        || (group.foundedChange() > 1 && disk.exists(catalog.directory(group)));
  }

  private StrongOptions options(GroupRecord group, Metadata metadata) {
    DeclaredKeyspace keyspace = metadata.keyspaces().get(group.keyspace());
    var role =
        keyspace == null
            ? new EngineFactory.Role(
                DataDirectoryFiles.DATABASES, true, catalog.options().databaseCompression())
            : new EngineFactory.Role(
                keyspace.name() + "-" + group.id(), false, keyspace.declaration().compression());
    return new StrongOptions(
        disk,
        path(group.id()),
        (engine, filter) -> engines.open(engine, role, filter),
        background,
        room);
  }

  private Path path(long group) {
    return directory.resolve(DataDirectoryFiles.GROUPS).resolve(Long.toString(group));
  }

  /// Removes a directory and all in it, durably.
  private void remove(Path path) throws IOException {
    if (!disk.exists(path)) {
      return;
    }
    disk.deleteTree(path);
    Path parent = path.getParent();
    if (parent != null) {
      disk.syncDirectory(parent);
    }
  }
}
