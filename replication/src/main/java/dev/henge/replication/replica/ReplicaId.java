package dev.henge.replication.replica;

import dev.henge.base.Invariant;

/// Numbers for those who make writes: the member, and its generation.
///
/// A vector says "all that this replica made up to here was seen". That is true of what a node
/// reads on its own disk only while the disk has all that the node ever made. After a power loss it
/// may not: a write that others took already may be gone here. Had it the same name as before, its
/// next write would claim to have seen the lost one, and the copies that others have of it would
/// go. So a node that did not stop cleanly is another replica from then on: it has a new
/// generation.
///
/// - Shape: member number in the upper bits, generation in the lower 16. Persisted in every vector.
public final class ReplicaId {
  private static final int GENERATION_BITS = 16;

  /// More unclean stops than a disk should see.
  public static final int GENERATION_MAX = (1 << GENERATION_BITS) - 1;

  private ReplicaId() {}

  /// @param member number, from 1
  /// @param generation from 0 to [#GENERATION_MAX]
  public static long of(long member, int generation) {
    Invariant.check(
        member > 0 && member < 1L << (62 - GENERATION_BITS), "member numbers are small");
    Invariant.check(generation >= 0 && generation <= GENERATION_MAX, "generations are counted");
    return member << GENERATION_BITS | generation;
  }

  /// Whose replica it is.
  public static long member(long replica) {
    return replica >>> GENERATION_BITS;
  }

  /// Which of the member's it is.
  public static int generation(long replica) {
    return (int) (replica & GENERATION_MAX);
  }
}
