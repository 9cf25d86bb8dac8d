package dev.henge.simulation.fault;

/// The classes of faults that a schedule draws from.
public enum FaultClass {
  /// The process is killed; its machine goes on.
  KILL(12),
  /// The node is stopped in good order and started again.
  STOP(6),
  /// The process stands still, as in a long collection of garbage.
  PAUSE(10),
  /// Everything takes ten times as long.
  SLOW_PROCESSOR(4),
  /// Unsynced writes are lost, torn, reordered; also in the middle of what the node is doing.
  POWER_LOSS(14),
  /// A sync fails, and what it should have written is forgotten.
  FAILED_SYNC(4),
  /// A full disk, for a while.
  FULL_DISK(4),
  /// One bit on a disk changes while its node is down.
  FLIPPED_BIT(4),
  /// A disk takes long for everything.
  SLOW_DISK(4),
  /// A disk is lost: its node returns with an empty one, under a new identity.
  LOST_DISK(3),
  /// Messages are lost, duplicated, reordered.
  UNRULY_NETWORK(8),
  /// Some members cannot reach some others.
  PARTITION(14),
  /// A connection is reset, or slow.
  BAD_LINK(8),
  /// A wall clock jumps or runs wrong; monotonic clocks run a little apart.
  CLOCK(6),
  /// The members of a group change.
  MEMBERS(8),
  /// Leadership is handed over.
  TRANSFER(6),
  /// The members change while their leader dies.
  MEMBERS_AND_FAILOVER(5);

  private final int weight;

  FaultClass(int weight) {
    this.weight = weight;
  }

  /// How often it is drawn, against the others.
  int weight() {
    return weight;
  }
}
