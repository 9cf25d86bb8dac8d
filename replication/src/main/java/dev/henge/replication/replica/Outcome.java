package dev.henge.replication.replica;

import dev.henge.replication.causality.Versions;

/// What came of a [Change], or of a merge.
public sealed interface Outcome {
  /// What the replica holds of the key now.
  ///
  /// @param before what it held until then
  /// @param stored the versions as stored and sent; borrowed
  /// @param sequence of the engine that must be acknowledged before anybody is told
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Done(Versions versions, Versions before, byte[] stored, long sequence) implements Outcome {
    /// Whether that is more than it held before.
    public boolean changed() {
      return versions != before;
    }
  }

  /// Nothing was stored.
  record Refused(Refusal why) implements Outcome {}

  /// Why a replica does not do something.
  enum Refusal {
    /// It has as many siblings as it may, or they are too large: read, merge, write with the
    /// context.
    TOO_MANY_SIBLINGS,
    /// It holds something of another type.
    WRONG_TYPE,
    /// A counter would leave the range of 64 bits.
    OVERFLOW,
    /// It holds concurrent versions, and this can be done to one only.
    SIBLINGS,
    /// A context that cannot come from this cluster.
    FOREIGN_CONTEXT,
    /// A time too far ahead of this node's clock.
    CLOCK_AHEAD
  }
}
