package dev.henge.replication.quorum;

import dev.henge.replication.causality.Versions;

/// Reaches the copies on other nodes.
///
/// - Threads: any; listeners are called once each, on any thread, also before the call returns, and
///   must not block.
public interface RemoteReplicas {
  /// Adds what this node knows of a key to the copy of `member`.
  ///
  /// @param stored as [dev.henge.replication.causality.StoredVersions] has it; borrowed until heard
  void merge(
      long member, int keyspaceId, byte[] key, byte[] stored, long deadlineMillis, Stored listener);

  /// Leaves the same with `standIn`, which brings it to `target` when that one is back. `standIn`
  /// may be this node.
  void hint(
      long standIn,
      long target,
      int keyspaceId,
      byte[] key,
      byte[] stored,
      long deadlineMillis,
      Stored listener);

  /// What `member` knows of a key, durably.
  void fetch(long member, int keyspaceId, byte[] key, long deadlineMillis, Fetched listener);

  /// Hears what came of a copy.
  interface Stored {
    /// It is as durable as the keyspace declares.
    void stored();

    /// It is certain that it was not stored.
    void refused();

    /// Nobody knows.
    void lost();
  }

  /// Hears of a copy.
  interface Fetched {
    /// [Versions#NONE] where nothing is known there.
    void fetched(Versions versions);

    void failed();
  }
}
