package dev.henge.consensus.group;

import dev.henge.consensus.raft.Configuration;
import java.util.SortedSet;

/// One replica of a replicated group, as state machines' clients see it: they know nothing of Raft.
///
/// - Threads: any; nothing blocks. Listeners are called on a thread of the runtime (or, where the
///   answer is known at once, on the caller's) and must not hold it up.
public interface ConsensusGroup {
  long id();

  /// Gives `command` a place in the log. Commands of one caller that are accepted keep the order of
  /// the calls.
  ///
  /// @param command owned by the group from now on
  /// @param term the leader's term that the caller believes in, so that commands sent behind each
  ///   other never overtake over a change of leaders; 0 for any
  void propose(byte[] command, long term, ProposalListener listener);

  /// Calls back when a read of this replica's state machine is as fresh as `level` says.
  ///
  /// @param term as in [#propose]; of no effect for [ReadLevel#STALE]
  void read(ReadLevel level, long term, ReadListener listener);

  /// What this replica knows now; a volatile read.
  GroupStatus status();

  /// Whether this replica waits for space on its disk.
  boolean isDiskFull();

  /// Moves to `voters` and `learners`, through a joint configuration where voters change; new ones
  /// are caught up first. Only at the leader.
  void changeMembers(SortedSet<Long> voters, SortedSet<Long> learners, OutcomeListener listener);

  /// Hands leadership to `member`; proposals are refused (`TRANSFERRING`) meanwhile. Only at the
  /// leader.
  void transfer(long member, OutcomeListener listener);

  /// How fresh a read must be.
  enum ReadLevel {
    /// Sees every write acknowledged before it began: one round of heartbeats, shared.
    LINEARIZABLE,
    /// Answered by a leader by its lease, without a round: right as long as clocks run alike.
    LEADER,
    /// Any replica, at once.
    STALE
  }

  /// Why nothing was done.
  enum Refusal {
    /// This replica does not lead, or not in the term asked for; [GroupStatus#leader] may know who
    /// does.
    NOT_LEADER,
    /// Leadership is being handed over; soon there is another leader.
    TRANSFERRING,
    /// Too much waits already: nothing was done, come again later.
    OVERLOADED,
    /// The command is larger than an entry may be.
    TOO_LARGE,
    /// Another change of members is under way, or the leader is too new for one.
    BUSY,
    /// What was asked for makes no sense: no voter, or a new leader that does not vote.
    INVALID,
    /// The leader has no space left on its disk: nothing was done. It goes on when space returns,
    /// or another replica leads.
    DISK_FULL,
    /// The replica has stopped (a failed disk, or it is closing).
    STOPPED
  }

  /// Hears the fate of one command; exactly one method is called, once.
  interface ProposalListener {
    /// It was applied.
    ///
    /// @param reply what the state machine answered
    void applied(long index, Object reply);

    /// It was not and will never be applied.
    ///
    /// @param leader member number of the leader as far as known; 0 for none
    void refused(Refusal refusal, long leader);

    /// Whether it was or will be applied cannot be known here.
    void unknown();
  }

  /// Hears when a read may go on; exactly one method is called, once.
  interface ReadListener {
    /// The state machine may be read now, from this thread or any other.
    ///
    /// @param appliedIndex at least what the level demands
    /// @param nowMillis the time by which expiry is judged: never behind what was applied
    /// @param ageMillis [ReadLevel#STALE]: what was acknowledged to anybody longer ago than this is
    ///   in the state; [Long#MAX_VALUE] where nothing is known; else 0
    void ready(long appliedIndex, long nowMillis, long ageMillis);

    void refused(Refusal refusal, long leader);
  }

  /// Hears the end of a change.
  interface OutcomeListener {
    void done();

    void refused(Refusal refusal, long leader);

    /// Not known here: look at [#status].
    void unknown();
  }

  /// A replica's view of its group.
  ///
  /// @param role what this replica is
  /// @param leader member number; 0 when unknown
  /// @param matched lowest and by member: at the leader, what each member is known to hold; empty
  ///   elsewhere
  record GroupStatus(
      Role role,
      long term,
      long leader,
      Configuration configuration,
      long commitIndex,
      long appliedIndex,
      long lastIndex,
      java.util.SortedMap<Long, Long> matched) {
    public enum Role {
      LEADER,
      FOLLOWER,
      CANDIDATE,
      LEARNER,
      STOPPED
    }
  }
}
