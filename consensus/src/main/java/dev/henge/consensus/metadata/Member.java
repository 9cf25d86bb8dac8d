package dev.henge.consensus.metadata;

/// A node of the cluster.
///
/// @param number from 1, never reused
/// @param successor who gets the replicas of a leaving member first; 0 for nobody in particular
public record Member(long number, NodeDescription node, State state, long successor) {
  /// How far a member has come. The words are persisted: never rename.
  public enum State {
    /// Admitted, does not follow the metadata yet.
    JOINING,
    /// Holds whatever the planner gives it.
    UP,
    /// Hands everything over, to be removed then.
    LEAVING
  }

  Member with(NodeDescription changed) {
    return new Member(number, changed, state, successor);
  }

  Member with(State changed, long newSuccessor) {
    return new Member(number, node, changed, newSuccessor);
  }
}
