package dev.henge.consensus.raft;

import java.util.List;

/// What the replicas of one group tell each other. `from` and `to` are member numbers, `term` is
/// the sender's (in [PreVote], the one it would campaign in).
public sealed interface Message {
  long from();

  long to();

  long term();

  /// Asks for a promise of a vote, without raising anybody's term (9.6).
  ///
  /// @param lastIndex of the candidate's log
  /// @param lastTerm of that entry
  record PreVote(long from, long to, long term, long lastIndex, long lastTerm) implements Message {}

  /// @param term the term asked for where granted, the voter's own where refused
  record PreVoteReply(long from, long to, long term, boolean granted) implements Message {}

  /// Asks for a vote.
  ///
  /// @param transfer whether the leader asked for this election: stickiness does not apply
  record Vote(long from, long to, long term, long lastIndex, long lastTerm, boolean transfer)
      implements Message {}

  record VoteReply(long from, long to, long term, boolean granted) implements Message {}

  /// Entries behind `previousIndex`.
  ///
  /// @param commit the leader's commit index
  record Append(
      long from,
      long to,
      long term,
      long previousIndex,
      long previousTerm,
      List<Entry> entries,
      long commit)
      implements Message {}

  /// @param accepted whether the log matched
  /// @param index accepted: the last index known to match; refused: the `previousIndex` refused
  /// @param hintIndex refused: the highest index at which the logs may match
  /// @param hintTerm refused: the follower's term there
  record AppendReply(
      long from, long to, long term, boolean accepted, long index, long hintIndex, long hintTerm)
      implements Message {}

  /// Keeps a follower from campaigning and carries a round of reads.
  ///
  /// It also tells how fresh the follower is: all that was acknowledged to anybody when the
  /// follower made `stamp` is at or before the index `confirmed`.
  ///
  /// @param commit at most what the follower is known to hold
  /// @param round number of the newest read round; 0 for none
  /// @param confirmed commit index at the beginning of a round that a quorum has answered; 0 for
  ///   none
  /// @param stamp the newest one that the follower had sent, and the leader had, before that round
  record Heartbeat(
      long from, long to, long term, long commit, long round, long confirmed, long stamp)
      implements Message {}

  /// @param stamp made by the sender, and of a meaning only to it: see [Raft#stamp(long)]
  record HeartbeatReply(long from, long to, long term, long round, long stamp) implements Message {}

  /// The follower needs what the log no longer holds: it should pull the image at `mark`.
  record SnapshotOffer(long from, long to, long term, SnapshotMark mark) implements Message {}

  /// The receiver should campaign at once: leadership is being given to it (3.10).
  record TimeoutNow(long from, long to, long term) implements Message {}

  /// The leader will be silent because nothing happens: do not campaign until the transport says
  /// that it is gone.
  ///
  /// @param commit equal to the last index of both
  record Quiesce(long from, long to, long term, long commit) implements Message {}
}
