package dev.henge.server.store;

import dev.henge.consensus.metadata.KeyspaceMode;
import dev.henge.data.DatabaseIds;
import dev.henge.data.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Every keyspace in service, by name and number.
///
/// - Threads: any; lookups never wait.
public final class Keyspaces {
  private record Named(Keyspace keyspace, Scope.Limits limits) {}

  private volatile List<Keyspace> databases;
  private final Scope.Limits databaseLimits;
  // Bounded by the catalog's limit of keyspaces.
  private final Map<String, Named> named = new ConcurrentHashMap<>();
  private final AtomicInteger valueBytesMax;

  /// @param databaseGroup holds databases 0-15; null where replicated groups or other nodes do
  /// @param databaseLimits of databases 0-15
  public Keyspaces(@Nullable Group databaseGroup, Scope.Limits databaseLimits) {
    this.databaseLimits = databaseLimits;
    this.valueBytesMax = new AtomicInteger(databaseLimits.valueBytesMax());
    this.databases = databases(databaseGroup);
  }

  private static List<Keyspace> databases(@Nullable Group group) {
    List<Keyspace> databases = new ArrayList<>();
    for (int database = 0; database < DatabaseIds.COUNT; database++) {
      String name = database == 0 ? "default" : Integer.toString(database);
      databases.add(new Keyspace(name, database, -1, KeyspaceMode.STRONG, group));
    }
    return List.copyOf(databases);
  }

  /// From now on databases 0-15 are evaluated by `group`; null where replicated groups or other
  /// nodes do. Sessions learn it from the retired group before.
  public void serveDatabases(@Nullable Group group) {
    databases = databases(group);
  }

  /// From now on this is the keyspace of its name.
  public void serve(Keyspace keyspace, Scope.Limits limits) {
    valueBytesMax.accumulateAndGet(limits.valueBytesMax(), Math::max);
    named.put(keyspace.name(), new Named(keyspace, limits));
  }

  /// The longest value that any keyspace takes.
  public int valueBytesMax() {
    return valueBytesMax.get();
  }

  /// Database 0-15.
  public Keyspace database(int number) {
    return databases.get(number);
  }

  /// The keyspace that `SELECT name` and HTTP paths mean; null when there is none.
  public @Nullable Keyspace find(String name) {
    Named found = named.get(name);
    if (found != null) {
      return found.keyspace();
    }
    for (Keyspace database : databases) {
      if (database.name().equals(name)) {
        return database;
      }
    }
    return null;
  }

  /// The name of a declared keyspace; its id in digits where it is not in service here.
  public String name(int id) {
    return named.values().stream()
        .map(Named::keyspace)
        .filter(keyspace -> keyspace.id() == id)
        .map(Keyspace::name)
        .findFirst()
        .orElse(Integer.toString(id));
  }

  /// What is too large for this keyspace.
  public Scope.Limits limits(Keyspace keyspace) {
    if (keyspace.database() >= 0) {
      return databaseLimits;
    }
    Named found =
        Objects.requireNonNull(named.get(keyspace.name()), "a keyspace in use is in service");
    return found.limits();
  }
}
