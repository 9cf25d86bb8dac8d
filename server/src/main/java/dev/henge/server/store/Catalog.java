package dev.henge.server.store;

import dev.henge.base.Clock;
import dev.henge.base.Disk;
import dev.henge.base.Randomness;
import dev.henge.base.Threads;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.Durability;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.data.ExpiredObjects;
import dev.henge.data.Scope;
import dev.henge.storage.Engine;
import dev.henge.storage.lsm.table.Compression;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Which keyspaces there are here, as the metadata says, and the engines of those that this node
/// alone serves.
///
/// - Threads: [#follow] and [#release] block on the disk, under `lock`: they are rare. The rest
///   never waits for them.
/// - Lifetime: owns the engines of local groups; [#close] syncs and closes them.
public final class Catalog implements AutoCloseable {
  /// How a node runs its groups.
  ///
  /// @param databaseDurability of databases 0-15
  /// @param syncInterval how often logs are synced where durability is `interval`
  /// @param databaseLimits of databases 0-15
  /// @param namedMost how many named keyspaces there may be: each has an engine with memory and
  ///   files
  public record Options(
      Durability databaseDurability,
      Compression databaseCompression,
      Duration syncInterval,
      Scope.Limits databaseLimits,
      int namedMost) {}

  // immutable
  private final Path path;
  private final Disk disk;
  private final EngineFactory engines;
  private final Options options;
  private final Clock clock;
  private final Randomness randomness;
  private final Threads threads;
  private final Threads.Pool syncPool;
  private final Keyspaces keyspaces;

  private final ReentrantLock lock = new ReentrantLock();

  // written under lock
  private volatile List<DeclaredKeyspace> declared = List.of();
  private volatile List<OpenGroup> groups = List.of();

  // guarded by lock
  private boolean closed;

  /// A catalog of nothing yet.
  ///
  /// @param directory which the caller keeps open for longer
  public Catalog(
      DataDirectory directory,
      EngineFactory engines,
      Options options,
      Clock clock,
      Randomness randomness,
      Threads threads) {
    this.path = directory.path();
    this.disk = directory.disk();
    this.engines = engines;
    this.options = options;
    this.clock = clock;
    this.randomness = randomness;
    this.threads = threads;
    this.syncPool = threads.pool("log-sync", 1, 1024);
    this.keyspaces = new Keyspaces(null, options.databaseLimits());
  }

  public Keyspaces keyspaces() {
    return keyspaces;
  }

  public Options options() {
    return options;
  }

  /// Named keyspaces, in the order of their making.
  public List<DeclaredKeyspace> declared() {
    return declared;
  }

  /// The named keyspace `name`.
  public Optional<DeclaredKeyspace> declared(String name) {
    return declared.stream().filter(keyspace -> keyspace.name().equals(name)).findFirst();
  }

  /// A group under the name that metrics know it by.
  public record NamedGroup(long id, String name, Group group) {}

  /// Every local group in service.
  public List<NamedGroup> groups() {
    return groups.stream()
        .map(open -> new NamedGroup(open.id(), open.name(), open.group()))
        .toList();
  }

  /// The local group `id` in service; null where there is none.
  public @Nullable Group local(long id) {
    OpenGroup open = open(id);
    return open == null ? null : open.group();
  }

  /// Whether no engine of a local group has stopped writing.
  public boolean healthy() {
    return groups.stream().allMatch(OpenGroup::writing);
  }

  /// Serves what `metadata` has: its keyspaces, and its local groups of member `self`.
  ///
  /// @throws IOException when an engine cannot be opened: its group is not in service
  public void follow(Metadata metadata, long self) throws IOException {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      for (DeclaredKeyspace keyspace : metadata.keyspaces().values()) {
        if (keyspaces.find(keyspace.name()) == null) {
          route(keyspace, null);
        }
      }
      for (GroupRecord group : metadata.dataGroups()) {
        if (group.form() == GroupRecord.Form.LOCAL
            && group.owner() == self
            && open(group.id()) == null) {
          serve(group, metadata);
        }
      }
      declared = List.copyOf(metadata.keyspaces().values());
    } finally {
      lock.unlock();
    }
  }

  /// Sends requests for a local group elsewhere, waits for those under way, and syncs and closes
  /// its engine. No effect where it is not open.
  public void release(GroupRecord group, Metadata metadata) throws IOException {
    lock.lock();
    try {
      OpenGroup open = open(group.id());
      if (open != null) {
        route(metadata.keyspaces().get(group.keyspace()), null);
        var rest = new ArrayList<>(groups);
        rest.remove(open);
        groups = Collections.unmodifiableList(rest);
        open.stop();
        open.group().retire();
        open.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Where the engine of a local group is, or was.
  public Path directory(GroupRecord group) {
    return group.keyspace() == Metadata.NO_KEYSPACE
        ? path.resolve(DataDirectoryFiles.DATABASES)
        : path.resolve(DataDirectoryFiles.KEYSPACES).resolve(Integer.toString(group.keyspace()));
  }

  /// Idempotent. Every engine is closed even where one fails to.
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      groups.forEach(OpenGroup::stop);
      syncPool.close();
      IOException failure = null;
      for (OpenGroup open : groups.reversed()) {
        try {
          open.close();
        } catch (IOException e) {
          if (failure == null) {
            failure = e;
          } else {
            failure.addSuppressed(e);
          }
        }
      }
      if (failure != null) {
        throw failure;
      }
    } finally {
      lock.unlock();
    }
  }

  private void serve(GroupRecord record, Metadata metadata) throws IOException {
    DeclaredKeyspace keyspace = metadata.keyspaces().get(record.keyspace());
    Durability durability = options.databaseDurability();
    var role =
        new EngineFactory.Role(DataDirectoryFiles.DATABASES, true, options.databaseCompression());
    if (keyspace != null) {
      KeyspaceDeclaration declaration = keyspace.declaration();
      durability = declaration.durability();
      role = new EngineFactory.Role(keyspace.name(), false, declaration.compression());
    }
    Path directory = directory(record);
    disk.createDurably(path, directory);
    Engine engine = engines.open(directory, role, new ExpiredObjects(clock::wallMillis));
    var group = new Group(engine, durability.logMode(), clock, randomness);
    var open = new OpenGroup(record.id(), role.name(), directory, group);
    if (durability == Durability.INTERVAL) {
      open.syncEvery(options.syncInterval(), threads, syncPool);
    }
    var more = new ArrayList<>(groups);
    more.add(open);
    groups = Collections.unmodifiableList(more);
    route(keyspace, group);
  }

  /// @param keyspace null for the databases
  /// @param group null where replicated groups or other nodes serve it
  private void route(@Nullable DeclaredKeyspace keyspace, @Nullable Group group) {
    if (keyspace == null) {
      keyspaces.serveDatabases(group);
    } else {
      keyspaces.serve(
          new Keyspace(keyspace.name(), -1, keyspace.id(), keyspace.declaration().mode(), group),
          keyspace.declaration().limits());
    }
  }

  private @Nullable OpenGroup open(long id) {
    for (OpenGroup open : groups) {
      if (open.id() == id) {
        return open;
      }
    }
    return null;
  }
}
