package dev.henge.consensus.metadata;

/// What a keyspace promises. Never changes after creation.
public enum KeyspaceMode {
  /// One order of all operations; a read sees every acknowledged write.
  STRONG,
  /// Always writable, converging.
  EVENTUAL,
  /// One master, asynchronous copies; not served yet.
  CACHE,
  /// etcd's model; not served yet.
  COORDINATION;

  public boolean served() {
    return this == STRONG || this == EVENTUAL;
  }
}
