package dev.henge.replication.causality;

import dev.henge.base.Invariant;

/// The name of one write: the replica that coordinated it, and its number there.
///
/// @param replica the coordinator's member number: never used again, and a wiped disk is another
///   member
/// @param counter from 1; rises with each write that the replica coordinates, whatever its key
public record Dot(long replica, long counter) {
  public Dot {
    Invariant.check(counter > 0, "a dot's counter begins at 1");
  }
}
