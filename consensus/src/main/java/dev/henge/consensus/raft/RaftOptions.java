package dev.henge.consensus.raft;

import dev.henge.base.Invariant;

/// The bounds and intervals of a [Raft]. All members of a group use the same intervals.
///
/// @param electionTicks shortest silence of a leader, in ticks, after which somebody campaigns;
///   each wait is drawn from here up to twice as much
/// @param heartbeatTicks ticks between a leader's heartbeats
/// @param appendBytesMax of entries in one message, but for a single larger entry
/// @param windowBytesMax of entries under way to one follower
/// @param windowMessagesMax messages with entries under way to one follower
/// @param unappliedBytesMax of own proposals that are not applied yet: more are refused
/// @param readsMax reads that wait for a round at a time: more are refused
/// @param quiesceTicks ticks without anything new after which a leader lets its group go quiet; 0
///   for never
/// @param leases whether leaders may read by their [Lease]: a replica then grants no vote for one
///   `electionTicks` after its start, because it may have acknowledged a heartbeat just before
public record RaftOptions(
    int electionTicks,
    int heartbeatTicks,
    long appendBytesMax,
    long windowBytesMax,
    int windowMessagesMax,
    long unappliedBytesMax,
    int readsMax,
    int quiesceTicks,
    boolean leases) {

  /// For ticks of about 100 ms.
  public static final RaftOptions DEFAULT =
      new RaftOptions(10, 1, 1 << 20, 8 << 20, 64, 32 << 20, 65_536, 50, false);

  public RaftOptions {
    Invariant.check(heartbeatTicks > 0, "heartbeatTicks is positive");
    Invariant.check(electionTicks > heartbeatTicks, "electionTicks > heartbeatTicks");
    Invariant.check(windowMessagesMax > 0, "windowMessagesMax is positive");
  }
}
