package dev.henge.server.cluster;

import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.storage.Access;

/// Reads what a replica of a strong group has applied: the state machine, as frontends see it.
///
/// - Threads: any.
/// - Errors: [dev.henge.storage.NotInMemoryException] with [Access#MEMORY]: come again with
///   [Access#DISK] on a thread that may block.
public interface GroupReads {
  /// Evaluates what does not write.
  ///
  /// @param keyspaceId of a named keyspace; of no effect for a database
  /// @param database 0-15, or -1 for a named keyspace
  /// @param now by which expiry is judged
  /// @param seed the source of chance
  Reply evaluateRead(
      Operation operation,
      int keyspaceId,
      int database,
      Scope.Limits limits,
      long now,
      long seed,
      Access access);

  /// How `key` stands, for WATCH.
  Operation.Watch evaluateWatch(byte[] key, int keyspaceId, int database, long now, Access access);
}
