package dev.henge.server.eventual;

import dev.henge.replication.quorum.RemoteReplicas;

/// Keeps copies for members that cannot take them now.
///
/// - Threads: any; nothing blocks.
interface HintTaker {
  /// @param stored borrowed until the listener is called
  void take(long target, int keyspaceId, byte[] key, byte[] stored, RemoteReplicas.Stored listener);
}
