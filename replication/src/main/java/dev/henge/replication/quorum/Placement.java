package dev.henge.replication.quorum;

/// Who has copies of what, as of the last epoch that this node knows.
///
/// - Threads: any; each call may see a newer epoch.
public interface Placement {
  /// The owners of a slot; they read and write.
  ///
  /// @return in the order of the preference list; empty where the keyspace is not known. Shared:
  ///   not to be changed
  long[] owners(int keyspaceId, int slot);

  /// Who will own the slot soon: they are written to, and do not count.
  ///
  /// @return mostly empty. Shared: not to be changed
  long[] joining(int keyspaceId, int slot);

  /// Everybody who could stand in for an owner, ascending. Shared: not to be changed.
  long[] members();

  /// Every member that was ever added and not removed, ascending. Shared: not to be changed.
  long[] everybody();

  /// The number of the newest change of a keyspace's owners; 0 where the keyspace is not known.
  long change(int keyspaceId);

  /// Empty where none is named.
  String dataCentre(long member);
}
