package dev.henge.server.peer;

import org.jspecify.annotations.Nullable;

/// What metadata knows about members, as the transport needs it. What it says may change at any
/// time.
///
/// - Threads: any; nothing blocks.
public interface PeerDirectory {
  /// Where a member listens for peers; null when it is not known here, or removed.
  @Nullable PeerAddress address(long member);

  /// Whether `nodeId` (32 hexadecimal digits) may speak as `member`.
  Standing standing(long member, String nodeId);

  /// Newest metadata epoch known here; travels with every message.
  long epoch();

  /// A peer knows epoch `epoch`; called only where that is newer than [#epoch].
  void newerEpoch(long member, long epoch);

  /// Member `by` refuses this node because it was removed from the cluster, for ever.
  void removed(long by);

  /// What a node that calls itself a member is.
  enum Standing {
    /// Metadata says the same.
    MEMBER,
    /// Metadata here does not know the number: it may be older than the peer's membership.
    UNKNOWN,
    /// Removed from the cluster, for ever.
    BARRED,
    /// The number is another node's.
    IMPOSTOR
  }
}
