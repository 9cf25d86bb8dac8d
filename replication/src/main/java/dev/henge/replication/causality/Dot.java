package dev.henge.replication.causality;

import dev.henge.base.Invariant;

/// The name of one write: the replica that coordinated it, and its number there.
///
/// @param replica who coordinated it: a member in one of its generations, never used again
/// @param counter from 1; rises with each write that the replica coordinates, whatever its key
public record Dot(long replica, long counter) {
  public Dot {
    Invariant.check(counter > 0, "a dot's counter begins at 1");
  }
}
