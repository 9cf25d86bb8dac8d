package dev.henge.server.store;

import dev.henge.base.Clock;
import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.base.Randomness;
import dev.henge.base.Threads;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.Durability;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.data.DatabaseIds;
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
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/// Which keyspaces there are, on disk and in service: opens their engines, makes new ones.
///
/// - Order of making one: its engine's directory, then the catalog's replacement, then service. A
///   crash in between leaves a directory that nobody names; its id is skipped for ever.
/// - Threads: [#declare] blocks on the disk, under `lock`: it is rare, and two at a time make no
///   sense. The rest never waits for it.
/// - Lifetime: owns every engine; [#close] syncs and closes them.
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

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
  private static final String DATABASES = "databases";

  // immutable
  private final Path path;
  private final Disk disk;
  private final EngineFactory engines;
  private final Options options;
  private final Clock clock;
  private final Randomness randomness;
  private final Threads threads;
  private final Threads.Pool syncPool;
  private final DeclarationFormat format = new DeclarationFormat();
  private final CatalogFile file;
  private final Keyspaces keyspaces;

  private final ReentrantLock lock = new ReentrantLock();

  // written under lock
  private volatile List<DeclaredKeyspace> declared = List.of();
  private volatile List<OpenGroup> groups = List.of();

  // guarded by lock
  private int nextId = DatabaseIds.FIRST_NAMED;
  private boolean closed;

  private Catalog(
      DataDirectory directory,
      EngineFactory engines,
      Options options,
      Clock clock,
      Randomness randomness,
      Threads threads)
      throws IOException {
    this.path = directory.path();
    this.disk = directory.disk();
    this.engines = engines;
    this.options = options;
    this.clock = clock;
    this.randomness = randomness;
    this.threads = threads;
    this.file = new CatalogFile(disk, path.resolve("CATALOG"), format);
    this.syncPool = threads.pool("log-sync", 1, 1024);
    try {
      CatalogFile.Content content = file.read();
      Group databases =
          serve(
              new EngineFactory.Role(DATABASES, true, options.databaseCompression()),
              path.resolve(DATABASES),
              options.databaseDurability());
      keyspaces = new Keyspaces(databases, options.databaseLimits());
      for (DeclaredKeyspace keyspace : content.keyspaces()) {
        keyspaces.serve(selected(keyspace, serve(keyspace)), keyspace.declaration().limits());
      }
      declared = content.keyspaces();
      nextId = Math.max(content.nextId(), afterDirectories());
    } catch (IOException | RuntimeException e) {
      closeAfter(e);
      throw e;
    }
  }

  /// Opens every engine of `directory`, which the caller keeps open for longer.
  public static Catalog open(
      DataDirectory directory,
      EngineFactory engines,
      Options options,
      Clock clock,
      Randomness randomness,
      Threads threads)
      throws IOException {
    return new Catalog(directory, engines, options, clock, randomness, threads);
  }

  public Keyspaces keyspaces() {
    return keyspaces;
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
  public record NamedGroup(String name, Group group) {}

  /// Every group in service: `databases` first, then one for each named keyspace.
  public List<NamedGroup> groups() {
    return groups.stream().map(open -> new NamedGroup(open.name(), open.group())).toList();
  }

  /// Whether no engine has stopped writing.
  public boolean healthy() {
    return groups.stream().allMatch(OpenGroup::writing);
  }

  /// Makes the keyspace `name` where it is not there yet. Blocks on the disk.
  ///
  /// @throws IOException when the disk refuses: the keyspace is not in service
  public DeclareOutcome declare(String name, KeyspaceDeclaration declaration) throws IOException {
    Optional<DeclareOutcome> refusal = refusal(name, declaration);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    lock.lock();
    try {
      if (closed) {
        throw new IOException("the node is closing");
      }
      Optional<DeclaredKeyspace> there = declared(name);
      if (there.isPresent()) {
        return there
            .get()
            .declaration()
            .difference(declaration)
            .<DeclareOutcome>map(DeclareOutcome.Differs::new)
            .orElseGet(() -> new DeclareOutcome.Existing(there.get()));
      }
      if (declared.size() >= options.namedMost()) {
        return new DeclareOutcome.TooMany(options.namedMost());
      }
      return new DeclareOutcome.Created(create(name, declaration));
    } finally {
      lock.unlock();
    }
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

  private DeclaredKeyspace create(String name, KeyspaceDeclaration declaration) throws IOException {
    var keyspace = new DeclaredKeyspace(name, nextId++, declaration);
    List<DeclaredKeyspace> more = appended(declared, keyspace);
    Group group = serve(keyspace);
    try {
      file.write(new CatalogFile.Content(nextId, more));
    } catch (IOException | RuntimeException e) {
      withdraw(e);
      throw e;
    }
    keyspaces.serve(selected(keyspace, group), declaration.limits());
    declared = more;
    return keyspace;
  }

  /// What clients select.
  private static Keyspace selected(DeclaredKeyspace keyspace, Group group) {
    return new Keyspace(keyspace.name(), -1, keyspace.id(), group);
  }

  private Group serve(DeclaredKeyspace keyspace) throws IOException {
    KeyspaceDeclaration declaration = keyspace.declaration();
    return serve(
        new EngineFactory.Role(keyspace.name(), false, declaration.compression()),
        path.resolve("keyspaces").resolve(Integer.toString(keyspace.id())),
        declaration.durability());
  }

  private Group serve(EngineFactory.Role role, Path directory, Durability durability)
      throws IOException {
    make(directory);
    Engine engine = engines.open(directory, role, new ExpiredObjects(clock::wallMillis));
    var group = new Group(engine, durability.logMode(), clock, randomness);
    var open = new OpenGroup(role.name(), group);
    if (durability == Durability.INTERVAL) {
      open.syncEvery(options.syncInterval(), threads, syncPool);
    }
    groups = appended(groups, open);
    return group;
  }

  /// Makes `directory`, and every one between it and the data directory, so that a power loss
  /// leaves them there.
  private void make(Path directory) throws IOException {
    if (disk.exists(directory)) {
      return;
    }
    disk.createDirectories(directory);
    Path parent = path;
    disk.syncDirectory(parent);
    for (Path part : path.relativize(directory)) {
      parent = parent.resolve(part);
      disk.syncDirectory(parent);
    }
  }

  /// Closes the newest group, whose keyspace did not reach the catalog and was never in service.
  private void withdraw(Exception cause) {
    var rest = new ArrayList<>(groups);
    OpenGroup open = rest.removeLast();
    groups = Collections.unmodifiableList(rest);
    open.stop();
    try {
      open.close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private void closeAfter(Exception cause) {
    try {
      close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /// Above every id that a directory has, also one that a crash left unnamed.
  private int afterDirectories() throws IOException {
    Path directory = path.resolve("keyspaces");
    int after = DatabaseIds.FIRST_NAMED;
    if (disk.exists(directory)) {
      for (String name : disk.list(directory)) {
        if (!name.matches("[0-9]{1,9}")) {
          throw new CorruptionException(
              directory.resolve(name).toString(), 0, "expected a directory named by a number");
        }
        after = Math.max(after, Integer.parseInt(name) + 1);
      }
    }
    return after;
  }

  private static Optional<DeclareOutcome> refusal(String name, KeyspaceDeclaration declaration) {
    if (!NAME.matcher(name).matches()) {
      return Optional.of(
          new DeclareOutcome.BadName(
              "a keyspace's name is 1 to 63 of a-z, 0-9, '.', '_', '-' and begins with one of a-z"
                  + " or 0-9"));
    }
    if (name.equals("keyspaces") || name.equals("default") || name.matches("[0-9]+")) {
      return Optional.of(
          new DeclareOutcome.BadName(
              "'" + name + "' is reserved: 'keyspaces', 'default' and numbers have a meaning"));
    }
    if (!declaration.mode().served()) {
      return Optional.of(notYet("mode", declaration.mode(), "strong"));
    }
    if (!declaration.engine().served()) {
      return Optional.of(notYet("engine", declaration.engine(), "lsm"));
    }
    return Optional.empty();
  }

  private static DeclareOutcome notYet(String field, Enum<?> value, String served) {
    return new DeclareOutcome.NotYet(
        field
            + " "
            + value.name().toLowerCase(Locale.ROOT)
            + " is not served yet: this version serves "
            + served);
  }

  private static <T> List<T> appended(List<T> list, T item) {
    var longer = new ArrayList<>(list);
    longer.add(item);
    return Collections.unmodifiableList(longer);
  }
}
