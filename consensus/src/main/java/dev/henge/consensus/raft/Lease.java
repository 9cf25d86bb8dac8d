package dev.henge.consensus.raft;

/// How long a leader may answer reads without asking anybody.
///
/// A follower that answered a round of heartbeats grants no vote for `electionTicks` of its own
/// ticks after it received it, thus none for that long after the round was *sent*: so the lease
/// counts from before the sending, by the leader's monotonic clock, never from the receipt of an
/// answer.
///
/// - Use: whoever drives a [Raft] calls [#sent] with [Raft#newestRound] and the time it read
///   *before* it called [Raft#ready], sends the messages afterwards, and calls [#acknowledged] with
///   [Raft#quorumRound] whenever it has given the core something. A read may be answered at the
///   commit index when [Raft#mayReadByLease] and [#holds] are true, in this order.
/// - Units: `durationNanos` is `(electionTicks - 1)` ticks, shortened by the bound on how much
///   faster another member's clock may run. Ticks that were missed must never be made up for in a
///   burst.
/// - Shape: the send times of the last 64 rounds; an older round gives no lease.
/// - Source: dissertation 6.4.1.
public class Lease {
  private static final int ROUNDS = 64;

  private final long durationNanos;
  private final long[] sentNanos = new long[ROUNDS];
  private final long[] rounds = new long[ROUNDS];
  private long confirmed;
  private boolean held;
  private long endNanos;

  public Lease(long durationNanos) {
    this.durationNanos = durationNanos;
  }

  /// A round is about to be sent; only the first call for a round counts.
  public final void sent(long round, long nowNanos) {
    int slot = (int) (round % ROUNDS);
    if (rounds[slot] != round) {
      rounds[slot] = round;
      sentNanos[slot] = nowNanos;
    }
  }

  /// A majority has answered `round` or newer ones.
  public final void acknowledged(long round, long nowNanos) {
    int slot = (int) (round % ROUNDS);
    if (round > confirmed && rounds[slot] == round) {
      confirmed = round;
      long end = beginNanos(sentNanos[slot], nowNanos) + durationNanos;
      endNanos = held ? endNanos + Math.max(0, end - endNanos) : end;
      held = true;
    }
  }

  /// Whether no other leader can exist yet.
  public final boolean holds(long nowNanos) {
    return held && nowNanos - endNanos < 0;
  }

  /// Where a lease begins: at the sending.
  protected long beginNanos(long sentNanos, long acknowledgedNanos) {
    return sentNanos;
  }
}
