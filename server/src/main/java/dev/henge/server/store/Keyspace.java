package dev.henge.server.store;

import dev.henge.consensus.metadata.KeyspaceMode;
import org.jspecify.annotations.Nullable;

/// What a client selects: a name, and where its data is.
///
/// @param name `default` for database 0, `1` to `15` for the others, else the declared name
/// @param database 0-15, or -1 for a named keyspace
/// @param id the keyspace's id where it is named; databases get theirs from the group, because
///   SWAPDB changes it
/// @param mode who does its operations
/// @param group evaluates its operations where this node alone holds it; null where replicated
///   groups, or other nodes, do
public record Keyspace(
    String name, int database, int id, KeyspaceMode mode, @Nullable Group group) {
  /// The same keyspace, evaluated by replicated groups or other nodes.
  public Keyspace elsewhere() {
    return new Keyspace(name, database, id, mode, null);
  }

  /// Whether replicas do its requests without a leader.
  public boolean isEventual() {
    return mode == KeyspaceMode.EVENTUAL;
  }

  /// Whether operations on both can be one transaction.
  public boolean sharesGroupWith(Keyspace other) {
    return database >= 0 ? other.database >= 0 : other.database < 0 && id == other.id;
  }
}
