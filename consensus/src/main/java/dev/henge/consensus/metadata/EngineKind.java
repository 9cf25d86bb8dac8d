package dev.henge.consensus.metadata;

/// The storage engine of a keyspace.
public enum EngineKind {
  /// Log-structured merge tree: data larger than memory.
  LSM,
  /// Copy-on-write B+tree; not served yet.
  BTREE,
  /// Append-only files with an index in memory; not served yet.
  HASHLOG,
  /// Bounded, nothing on disk; not served yet.
  MEMORY;

  public boolean served() {
    return this == LSM;
  }
}
