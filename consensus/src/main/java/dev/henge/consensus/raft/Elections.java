package dev.henge.consensus.raft;

import dev.henge.base.Randomness;
import java.util.HashMap;
import java.util.Map;

/// Who leads: waiting for a leader, campaigning, and voting (3.4, 9.6, 4.2.3).
final class Elections {
  private final Raft raft;
  private final Randomness randomness;

  /// Ticks since the last sign of a leader, granted vote or campaign.
  private int elapsed;

  /// Ticks without a sign after which this replica campaigns.
  private int patience;

  /// Ticks since a leader was last heard, of whatever term; a promise to [Lease] among others.
  private int silence;

  private final Map<Long, Boolean> votes = new HashMap<>();

  Elections(Raft raft, Randomness randomness) {
    this.raft = raft;
    this.randomness = randomness;
    silence = raft.options.leases() ? 0 : raft.options.electionTicks();
    reset();
  }

  void reset() {
    elapsed = 0;
    patience = raft.options.electionTicks() + randomness.nextInt(raft.options.electionTicks());
  }

  void tick() {
    elapsed++;
    silence = Math.min(silence + 1, raft.options.electionTicks());
    if (elapsed >= patience || (isAlone() && !hearsLeader())) {
      reset();
      if (mayCampaign()) {
        campaign(true, false);
      }
    }
  }

  /// A leader of this term spoke.
  void heardLeader() {
    elapsed = 0;
    silence = 0;
  }

  /// Whether a leader was heard within the shortest election timeout: then nobody else is voted
  /// for.
  boolean hearsLeader() {
    return raft.role() == Raft.Role.LEADER || silence < raft.options.electionTicks();
  }

  /// Counting begins anew when quiet ends.
  void wake() {
    elapsed = 0;
  }

  /// The leader asks this replica to take over: no pre-vote, and the others do not refuse for
  /// having heard of the leader.
  void campaignNow() {
    if (raft.role() == Raft.Role.FOLLOWER && mayCampaign()) {
      campaign(false, true);
    }
  }

  /// A lone voter waits for nobody's vote, only for the end of the lease of a leader that it hears
  /// and that is no voter any more.
  private boolean isAlone() {
    Configuration now = raft.configuration();
    return !now.isJoint() && now.voters().size() == 1 && now.voters().contains(raft.self);
  }

  private boolean mayCampaign() {
    return isNeeded() && raft.mayVote() && !raft.following.isInstalling();
  }

  /// Voters campaign, and so do those whom a configuration removes that is not known to be
  /// committed (4.2.2): the only logs that may win can be theirs, when the leader crashed before it
  /// was durable in its own.
  private boolean isNeeded() {
    return raft.configuration().isVoter(raft.self)
        || raft.configurationAt(raft.commitIndex()).isVoter(raft.self);
  }

  private void campaign(boolean pre, boolean transfer) {
    votes.clear();
    if (pre) {
      raft.becomePreCandidate();
      votes.put(raft.self, true);
    } else {
      raft.becomeCandidate();
      reset();
    }
    long last = raft.log.lastIndex();
    long lastTerm = raft.log.term(last);
    for (long to : raft.configuration().members()) {
      if (to != raft.self && raft.configuration().isVoter(to)) {
        raft.outbox.send(
            pre
                ? new Message.PreVote(raft.self, to, raft.term() + 1, last, lastTerm)
                : new Message.Vote(raft.self, to, raft.term(), last, lastTerm, transfer));
      }
    }
    count();
  }

  /// Own votes count when they are durable, as those of others.
  void ownVoteDurable() {
    if (raft.role() == Raft.Role.CANDIDATE
        && raft.vote() == raft.self
        && raft.outbox.isVoteDurable()
        && votes.putIfAbsent(raft.self, true) == null) {
      count();
    }
  }

  void preVote(Message.PreVote m) {
    boolean granted =
        m.term() > raft.term()
            && !raft.refusesCandidates()
            && raft.mayVote()
            && raft.isUpToDate(m.lastIndex(), m.lastTerm());
    long term = granted ? m.term() : raft.term();
    raft.outbox.send(new Message.PreVoteReply(raft.self, m.from(), term, granted));
  }

  void vote(Message.Vote m) {
    boolean granted =
        (m.transfer() || !raft.refusesCandidates())
            && raft.mayVote()
            && raft.voteIsFreeFor(m.from())
            && raft.isUpToDate(m.lastIndex(), m.lastTerm());
    if (granted) {
      raft.grantVote(m.from());
      elapsed = 0;
    }
    raft.outbox.send(new Message.VoteReply(raft.self, m.from(), raft.term(), granted));
  }

  void preVoteReply(Message.PreVoteReply m) {
    boolean answers = !m.granted() || m.term() == raft.term() + 1;
    if (raft.role() == Raft.Role.PRE_CANDIDATE && answers) {
      votes.putIfAbsent(m.from(), m.granted());
      count();
    }
  }

  void voteReply(Message.VoteReply m) {
    if (raft.role() == Raft.Role.CANDIDATE) {
      votes.putIfAbsent(m.from(), m.granted());
      count();
    }
  }

  private void count() {
    switch (Quorum.tally(raft.deciding(), votes)) {
      case WON -> {
        if (raft.role() == Raft.Role.PRE_CANDIDATE) {
          campaign(false, false);
        } else {
          raft.becomeLeader();
        }
      }
      case LOST -> raft.becomeFollower(raft.term(), 0);
      case PENDING -> {}
    }
  }
}
