package dev.henge.consensus.strong;

import dev.henge.data.KeyspaceSize;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.storage.Access;
import dev.henge.storage.EngineStatistics;

/// Reads what a replica of a strong group has applied: the state machine, as frontends see it.
///
/// - Threads: any.
/// - Errors: [dev.henge.storage.NotInMemoryException] with [Access#MEMORY]: come again with
///   [Access#DISK] on a thread that may block.
public interface GroupReads {
  /// Evaluates what does not write on what is applied.
  ///
  /// @param keyspaceId of a named keyspace; of no effect for a database
  /// @param database 0-15, or -1 for a named keyspace
  /// @param now by which expiry is judged: not behind the group's time as of the call
  /// @param seed the source of chance for keys that are drawn
  Reply evaluateRead(
      Operation operation,
      int keyspaceId,
      int database,
      Scope.Limits limits,
      long now,
      long seed,
      Access access);

  /// How `key` stands in what is applied, for WATCH.
  Operation.Watch evaluateWatch(byte[] key, int keyspaceId, int database, long now, Access access);

  /// Pins what is applied now, for a read that goes on elsewhere and must not see more. Does not
  /// block.
  State pin();

  /// What was applied at one time; reading it may read the disk.
  ///
  /// - Threads: any, one after the other. Lifetime: closed by who has it; until then what it reads
  ///   stays open.
  interface State extends AutoCloseable {
    Reply evaluateRead(
        Operation operation,
        int keyspaceId,
        int database,
        Scope.Limits limits,
        long now,
        long seed);

    Operation.Watch evaluateWatch(byte[] key, int keyspaceId, int database, long now);

    @Override
    void close();
  }

  /// Figures of the engine in service.
  EngineStatistics statistics();

  /// How many keys database 0-15 has in what is applied, about, from a look at no more than
  /// `walkedMax` of them. May read the disk.
  KeyspaceSize size(int database, int walkedMax);

  /// A digest of all that is the same on every replica that has applied the same: what users see at
  /// the group's time, answers of requests, revision and time; not how far the log's entries
  /// without commands have come. Reads everything; to be called while nothing is applied.
  long contentHash();
}
