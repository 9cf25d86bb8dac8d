package dev.henge.server.store;

import dev.henge.data.DatabaseIds;
import dev.henge.data.Scope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Every keyspace of the node, by name and number.
///
/// - Threads: any.
public final class Keyspaces {
  private final List<Keyspace> databases = new ArrayList<>();
  private final Scope.Limits limits;

  /// @param databaseGroup holds databases 0-15
  public Keyspaces(Group databaseGroup, Scope.Limits limits) {
    this.limits = limits;
    for (int database = 0; database < DatabaseIds.COUNT; database++) {
      String name = database == 0 ? "default" : Integer.toString(database);
      databases.add(new Keyspace(name, database, -1, databaseGroup));
    }
  }

  /// Database 0-15.
  public Keyspace database(int number) {
    return databases.get(number);
  }

  /// The keyspace that `SELECT name` and HTTP paths mean; null when there is none.
  public @Nullable Keyspace find(String name) {
    for (Keyspace database : databases) {
      if (database.name().equals(name)) {
        return database;
      }
    }
    return null;
  }

  /// What is too large for this keyspace.
  public Scope.Limits limits(Keyspace keyspace) {
    return limits;
  }
}
