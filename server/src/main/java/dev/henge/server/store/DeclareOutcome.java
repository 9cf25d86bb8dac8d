package dev.henge.server.store;

import dev.henge.consensus.metadata.DeclaredKeyspace;

/// What became of a declaration.
public sealed interface DeclareOutcome {
  /// The keyspace is there now, durably.
  record Created(DeclaredKeyspace keyspace) implements DeclareOutcome {}

  /// It was there already, declared the same.
  record Existing(DeclaredKeyspace keyspace) implements DeclareOutcome {}

  /// It was there already, declared differently.
  record Differs(String difference) implements DeclareOutcome {}

  /// The name cannot be a keyspace's.
  record BadName(String message) implements DeclareOutcome {}

  /// Known, but not served by this version.
  record NotYet(String message) implements DeclareOutcome {}

  /// No cluster, or not this one, can have a keyspace declared so.
  record Impossible(String message) implements DeclareOutcome {}

  /// As many keyspaces as the node may have are there.
  record TooMany(int most) implements DeclareOutcome {}

  /// Too few members are alive to hold it, or nobody leads the metadata now: it may be there later,
  /// and may be tried again.
  record Unavailable(String message) implements DeclareOutcome {}
}
