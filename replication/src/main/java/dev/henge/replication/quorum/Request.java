package dev.henge.replication.quorum;

import dev.henge.replication.causality.VersionVector;
import dev.henge.replication.replica.Change;

/// What is asked of the coordinator of a key.
public sealed interface Request {
  /// What is there?
  record Read(Level level) implements Request {}

  /// A change that needs to know of no other copy than the coordinator's.
  record Write(Change change, Level level) implements Request {}

  /// Whatever `read` copies know of shall be gone: a deletion by somebody who has read nothing.
  record Forget(Level read, Level write) implements Request {}

  /// A change of what `read` copies know of: they are read first.
  record Alter(Change change, Level read, Level write) implements Request {}

  /// A deletion of what its author has read.
  static Write delete(VersionVector context, Level level) {
    return new Write(new Change.Delete(context), level);
  }
}
