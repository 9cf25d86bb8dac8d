package dev.henge.replication.membership;

/// What this node believes of a member.
public enum MemberState {
  /// Nothing speaks against asking it.
  UP,
  /// This node has heard nothing of it for too long, by any way, or its own way to it broke: it is
  /// routed around. That is this node's own belief, and may be its own fault.
  SUSPECTED,
  /// Enough members say the same of it.
  DOWN
}
