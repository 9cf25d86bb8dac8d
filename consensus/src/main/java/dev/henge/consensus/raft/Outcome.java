package dev.henge.consensus.raft;

/// What became of a request to a [Raft].
public enum Outcome {
  ACCEPTED,
  /// Only the leader does this, and this replica is not.
  NOT_LEADER,
  /// Leadership is being handed over.
  TRANSFERRING,
  /// Too much waits already.
  OVERLOADED,
  /// Another change of members is under way, or this term has committed nothing yet.
  BUSY,
  /// The members asked for make no sense (no voter, or a target that does not vote).
  INVALID
}
