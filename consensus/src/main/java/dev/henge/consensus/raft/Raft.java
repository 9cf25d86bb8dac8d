package dev.henge.consensus.raft;

import dev.henge.base.Invariant;
import dev.henge.base.Randomness;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/// One replica of one group: decides what to persist, what to send, what is committed and who
/// leads.
///
/// - Use: give it what happened (the public methods), then take [#ready] while [#hasReady] and do
///   what it says: hand the entries to the log store (from then on the [LogView] shows them), send,
///   apply. No order between inputs matters but that writes become durable in order.
/// - Shape: this class holds term, vote, role and commit index, and each transition between roles;
///   [Elections], [Following] and [Replication] are what a replica does in each role, [ReadRounds],
///   [MembershipChange], [Transfer] and [Quiescence] a leader's special duties.
/// - Invariants: (1) the term never falls; (2) one vote a term; (3) the commit index never falls
///   and lies in the log; (4) a message that promises something durable leaves after it is durable.
/// - Threads: none of its own; one caller at a time.
/// - Errors: a broken invariant throws [IllegalStateException] and means that the replica must
///   stop.
/// - Source: see the package. Departures: configurations take effect when they are appended (4.1),
///   also joint ones; a request to vote leaves when the candidate's own vote and log are durable.
///
/// The protected methods are its decisions, one each, so that tests can plant a bug in one.
public class Raft {
  /// What a replica is. A learner is a [#FOLLOWER] that is no voter of its configuration.
  public enum Role {
    FOLLOWER,
    /// Asks for promises of votes.
    PRE_CANDIDATE,
    CANDIDATE,
    LEADER
  }

  final RaftOptions options;
  final long self;
  final RaftLog log;
  final Configurations configurations;
  final Outbox outbox;
  final Elections elections;
  final Following following;
  final Replication replication;
  final ReadRounds reads;
  final MembershipChange change;
  final Transfer transfer;
  final Quiescence quiescence;

  private Role role = Role.FOLLOWER;
  private long term;
  private long vote;
  private long leader;
  private long commit;
  private boolean recovering;
  private long stamp;

  /// A replica as its log store remembers it.
  ///
  /// @param self own member number
  /// @param hardState as last persisted; [HardState#EMPTY] at the beginning
  /// @param log what the log store holds; all of it is durable now
  /// @param configurations the configurations among the log's entries, by index; the mark's own is
  ///   known from the mark
  /// @param recovering whether acknowledged entries or a vote may have been lost (a damaged log, or
  ///   an earlier replica of this member that was removed): the replica then neither votes nor
  ///   campaigns until it holds a committed entry of a later leader's own term. The caller
  ///   remembers this over restarts until [#isRecovering] is false.
  public Raft(
      RaftOptions options,
      long self,
      HardState hardState,
      LogView log,
      SortedMap<Long, Configuration> configurations,
      boolean recovering,
      Randomness randomness) {
    this.options = options;
    this.self = self;
    this.log = new RaftLog(log);
    this.configurations = new Configurations(log.mark(), configurations);
    this.recovering = recovering;
    term = hardState.term();
    vote = hardState.vote();
    commit = Math.max(log.mark().index(), Math.min(hardState.commit(), log.lastIndex()));
    outbox = new Outbox(this, hardState);
    elections = new Elections(this, randomness);
    following = new Following(this);
    replication = new Replication(this);
    reads = new ReadRounds(this);
    change = new MembershipChange(this);
    transfer = new Transfer(this);
    quiescence = new Quiescence(this);
    if (recovering) {
      // Acknowledgements of lost entries may still be under way to the leader of this term: a new
      // term makes them worthless, because the leader must be elected anew, without this vote.
      term++;
      vote = 0;
    }
  }

  // ---- inputs

  /// Time passes: one tick. Missed ticks must not be made up for in a burst.
  public void tick() {
    if (quiescence.isQuiet()) {
      return;
    }
    if (role == Role.LEADER) {
      replication.tick();
    } else {
      elections.tick();
    }
  }

  /// A message arrived. Any message, at any time, any number of times.
  public void step(Message message) {
    if (message.to() != self) {
      return;
    }
    quiescence.heard(message);
    if (message.term() > term && !acceptsTermOf(message)) {
      return;
    }
    if (message.term() < term && refusesOldTermOf(message)) {
      return;
    }
    switch (message) {
      case Message.PreVote m -> elections.preVote(m);
      case Message.PreVoteReply m -> elections.preVoteReply(m);
      case Message.Vote m -> elections.vote(m);
      case Message.VoteReply m -> elections.voteReply(m);
      case Message.Append m -> following.append(m);
      case Message.Heartbeat m -> following.heartbeat(m);
      case Message.SnapshotOffer m -> following.offer(m);
      case Message.Quiesce m -> following.quiesce(m);
      case Message.TimeoutNow m -> elections.campaignNow();
      case Message.AppendReply m -> replication.appendReply(m);
      case Message.HeartbeatReply m -> replication.heartbeatReply(m);
    }
  }

  /// Appends one entry of commands for each element, at the leader.
  ///
  /// @param commands owned by the core from now on; at least one
  public Proposed propose(List<byte[]> commands) {
    Outcome outcome = replication.mayPropose(commands);
    if (outcome != Outcome.ACCEPTED) {
      return Proposed.refused(outcome);
    }
    quiescence.wake();
    long first = log.lastIndex() + 1;
    for (byte[] bytes : commands) {
      replication.append(Entry.Kind.COMMANDS, bytes);
    }
    return new Proposed(Outcome.ACCEPTED, first, term);
  }

  /// Asks from which applied index on a read is linearizable, at the leader. The answer is a
  /// [Ready.ReadState] with `context`; where leadership is lost meanwhile, with index -1. Reads
  /// that come before the leader has committed an entry of its term wait for that.
  public Outcome readIndex(long context) {
    if (role != Role.LEADER) {
      return Outcome.NOT_LEADER;
    }
    quiescence.wake();
    return reads.add(context);
  }

  /// Moves the group to `voters` and `learners`: new members first become learners and catch up,
  /// then voters change through a joint configuration, which is left by itself. Takes effect in
  /// steps; [#configuration] and [#isChangingMembers] tell how far it is. While new members catch
  /// up another call replaces this one; after that it is [Outcome#BUSY]. When leadership is lost, a
  /// joint configuration is still left by the next leader, but what has not come so far is
  /// forgotten.
  public Outcome changeMembers(SortedSet<Long> voters, SortedSet<Long> learners) {
    if (role != Role.LEADER) {
      return Outcome.NOT_LEADER;
    }
    quiescence.wake();
    return change.begin(voters, learners);
  }

  /// Hands leadership to a voter (3.10). Given up after `electionTicks`; [#isTransferring] tells.
  public Outcome transfer(long to) {
    if (role != Role.LEADER) {
      return Outcome.NOT_LEADER;
    }
    quiescence.wake();
    return transfer.begin(to);
  }

  /// All writes up to this number are durable.
  public void persisted(long writeNumber) {
    outbox.persisted(writeNumber);
    log.persisted(writeNumber);
    elections.ownVoteDurable();
    if (role == Role.LEADER) {
      replication.ownProgress();
    }
    checkRecovered();
  }

  /// Entries that a [Ready.Fetch] asked for: any beginning of what was asked, in order; empty when
  /// they could not be read, they are then asked for again. Each fetch is answered once. Borrowed.
  public void fetched(List<Entry> entries) {
    if (role == Role.LEADER) {
      replication.fetched(entries);
    }
  }

  /// The state machine has applied everything up to `index`.
  public void applied(long index) {
    replication.applied(index);
  }

  /// The image that [Ready#installSnapshot] asked for, or a newer one, is installed and durable,
  /// and the log begins at its mark: emptied, or, when it held the mark's entry with the mark's
  /// term, compacted. Called with no [Ready] waiting.
  public void snapshotInstalled(SnapshotMark mark) {
    following.installed(mark);
    checkRecovered();
  }

  /// The image could not be pulled: the leader's next offer is taken up.
  public void snapshotAbandoned() {
    following.abandoned();
  }

  /// What the leader's side heard of an image pulled by `member`; failures are offered again
  /// anyway.
  public void snapshotOutcome(long member, boolean ok) {
    if (role == Role.LEADER) {
      replication.snapshotOutcome(member, ok);
    }
  }

  /// The connection to `member` was lost: what was under way to it may be lost too, and a quiet
  /// follower of it begins to count ticks.
  public void unreachable(long member) {
    if (role == Role.LEADER) {
      replication.unreachable(member);
    } else if (member == leader) {
      quiescence.wake();
    }
  }

  /// What this replica tells of its time from now on, with every answer to a heartbeat: a number
  /// that only the driver understands. The leader sends it back with what was committed later: see
  /// [Message.Heartbeat]. To be renewed before anything else is given to the core.
  public void stamp(long newStamp) {
    stamp = newStamp;
  }

  /// Ends quiet, as traffic does.
  public void wake() {
    quiescence.wake();
  }

  // ---- output

  /// Whether [#ready] has anything to say.
  public boolean hasReady() {
    replication.pump();
    return outbox.hasReady();
  }

  /// Everything to be done since the last call.
  public Ready ready() {
    replication.pump();
    return outbox.take();
  }

  // ---- what it knows

  public Role role() {
    return role;
  }

  public long self() {
    return self;
  }

  public long term() {
    return term;
  }

  /// Member number of the leader of this term; 0 when unknown.
  public long leader() {
    return leader;
  }

  /// The newest configuration in the log, committed or not.
  public Configuration configuration() {
    return configurations.current();
  }

  /// The newest configuration at or below `index` (not below the log's mark).
  public Configuration configurationAt(long index) {
    return configurations.at(index);
  }

  /// Everything up to here is committed, as far as this replica knows.
  public long commitIndex() {
    return commit;
  }

  public long lastIndex() {
    return log.lastIndex();
  }

  /// At the leader, what each member is known to hold durably; empty elsewhere.
  public SortedMap<Long, Long> matched() {
    return role == Role.LEADER
        ? replication.matched()
        : Collections.unmodifiableSortedMap(new TreeMap<>());
  }

  public boolean isRecovering() {
    return recovering;
  }

  /// Whether ticks are of no use until [#wake], a message or a request.
  public boolean isQuiet() {
    return quiescence.isQuiet();
  }

  public boolean isTransferring() {
    return transfer.isUnderWay();
  }

  /// Whether this leader still works on a [#changeMembers].
  public boolean isChangingMembers() {
    return change.isUnderWay();
  }

  /// Number of the newest round of heartbeats: see [Lease].
  public long newestRound() {
    return reads.newestRound();
  }

  /// The newest round that a quorum has answered; 0 for none in this term.
  public long quorumRound() {
    return role == Role.LEADER ? reads.quorumRound() : 0;
  }

  /// At the leader, the newest commit index of which a quorum has confirmed that nobody else had
  /// committed more when [#confirmedStamp] was made; 0 for none.
  public long confirmedIndex() {
    return role == Role.LEADER ? reads.confirmedIndex() : 0;
  }

  public long confirmedStamp() {
    return role == Role.LEADER ? reads.confirmedStamp(self) : 0;
  }

  /// Whether a [Lease] that holds allows reads at [#commitIndex]: this replica leads, has committed
  /// in its term, and has not asked anybody to take over.
  public boolean mayReadByLease() {
    return options.leases()
        && role == Role.LEADER
        && knowsWhatIsCommitted()
        && !transfer.hasAskedInTerm();
  }

  /// One line for people and scripted tests.
  public String describe() {
    var text = new StringBuilder();
    text.append(self).append(' ').append(role).append(" term ").append(term);
    if (vote != 0) {
      text.append(" vote ").append(vote);
    }
    if (leader != 0) {
      text.append(" leader ").append(leader);
    }
    text.append(" log ").append(log.mark().index()).append("..").append(log.lastIndex());
    if (log.durable() != log.lastIndex()) {
      text.append(" durable ").append(log.durable());
    }
    text.append(" commit ").append(commit).append(" members ").append(configuration());
    if (recovering) {
      text.append(" recovering");
    }
    if (isQuiet()) {
      text.append(" quiet");
    }
    if (role == Role.LEADER) {
      replication.describe(text);
    }
    return text.toString();
  }

  // ---- decisions

  /// What the leader counts as its own copy: only what is durable.
  protected long ownMatch() {
    return log.durable();
  }

  /// Whether counting copies commits `index`: only in the leader's own term (figure 3.7).
  protected boolean commitsByCounting(long index) {
    return log.term(index) == term;
  }

  /// Whether a new leader appends an entry, without which it cannot commit those before it (3.6.2).
  protected boolean beginsTermWithNoOp() {
    return true;
  }

  /// Whether a leader's commit index says what is committed: not before it has committed an entry
  /// of its own term (6.4).
  protected boolean knowsWhatIsCommitted() {
    return hasCommittedInTerm();
  }

  /// Up to which round a leader was one when it began: only what a quorum has answered.
  protected long confirmedRound() {
    return reads.quorumRound();
  }

  /// Whether a read that arrives during a round waits for the next one (6.4).
  protected boolean readWaitsForNextRound() {
    return true;
  }

  /// Whether this term's vote is free for `candidate`.
  protected boolean voteIsFreeFor(long candidate) {
    return vote == candidate || (vote == 0 && leader == 0);
  }

  /// Whether `message` promises something that must be durable before it leaves.
  protected boolean awaitsDurability(Message message) {
    return switch (message) {
      case Message.Vote m -> true;
      case Message.VoteReply m -> m.granted();
      case Message.AppendReply m -> m.accepted();
      case Message.PreVote m -> false;
      case Message.PreVoteReply m -> false;
      case Message.Append m -> false;
      case Message.Heartbeat m -> false;
      case Message.HeartbeatReply m -> false;
      case Message.SnapshotOffer m -> false;
      case Message.TimeoutNow m -> false;
      case Message.Quiesce m -> false;
    };
  }

  /// Whose majorities decide elections and commits.
  protected Configuration deciding() {
    return configurations.current();
  }

  /// Whether a candidate's log is at least as new as this one (3.6.1).
  protected boolean isUpToDate(long lastIndex, long lastTerm) {
    long own = log.term(log.lastIndex());
    return lastTerm > own || (lastTerm == own && lastIndex >= log.lastIndex());
  }

  /// Whether a leader was heard too lately to vote for anybody else (4.2.3); leases rest on it.
  protected boolean refusesCandidates() {
    return elections.hearsLeader();
  }

  /// Whether this replica's vote can be trusted.
  protected boolean mayVote() {
    return !recovering;
  }

  // ---- transitions

  private boolean acceptsTermOf(Message message) {
    switch (message) {
      case Message.PreVote m -> {
        return true;
      }
      case Message.PreVoteReply m when m.granted() -> {
        return true;
      }
      case Message.Vote m when !m.transfer() && refusesCandidates() -> {
        return false; // a disturber (4.2.3)
      }
      case Message.Append m -> becomeFollower(m.term(), m.from());
      case Message.Heartbeat m -> becomeFollower(m.term(), m.from());
      case Message.SnapshotOffer m -> becomeFollower(m.term(), m.from());
      case Message.Quiesce m -> becomeFollower(m.term(), m.from());
      default -> becomeFollower(message.term(), 0);
    }
    return true;
  }

  /// Tells whoever lives in an older term of this one, where that helps it.
  private boolean refusesOldTermOf(Message message) {
    switch (message) {
      case Message.PreVote m -> outbox.send(new Message.PreVoteReply(self, m.from(), term, false));
      case Message.Vote m -> outbox.send(new Message.VoteReply(self, m.from(), term, false));
      case Message.Append m -> refuseLeader(m.from(), m.previousIndex());
      case Message.Heartbeat m -> refuseLeader(m.from(), m.commit());
      case Message.SnapshotOffer m -> refuseLeader(m.from(), m.mark().index());
      case Message.Quiesce m -> refuseLeader(m.from(), m.commit());
      case Message.PreVoteReply m -> {
        return false; // a refusal names the voter's own term, which may be older
      }
      default -> {}
    }
    return true;
  }

  private void refuseLeader(long to, long index) {
    outbox.send(new Message.AppendReply(self, to, term, false, index, 0, 0));
  }

  void becomeFollower(long newTerm, long newLeader) {
    Invariant.check(newTerm >= term, "the term never falls");
    boolean led = role == Role.LEADER;
    if (newTerm > term) {
      term = newTerm;
      vote = 0;
    }
    role = Role.FOLLOWER;
    leader = newLeader;
    elections.reset();
    if (led) {
      reads.failAll();
      transfer.end();
      change.end();
      replication.stop();
      quiescence.wake();
    }
  }

  void becomePreCandidate() {
    role = Role.PRE_CANDIDATE;
    leader = 0;
  }

  void becomeCandidate() {
    role = Role.CANDIDATE;
    leader = 0;
    term++;
    vote = self;
  }

  void becomeLeader() {
    Invariant.check(role == Role.CANDIDATE, "only a candidate becomes leader");
    role = Role.LEADER;
    leader = self;
    elections.reset();
    transfer.reset();
    reads.reset();
    replication.begin();
    if (beginsTermWithNoOp()) {
      replication.append(Entry.Kind.NO_OP, new byte[0]);
    }
  }

  void grantVote(long candidate) {
    vote = candidate;
  }

  /// A leader of this term spoke.
  void follow(long from) {
    Invariant.check(role != Role.LEADER, "one leader a term");
    if (role != Role.FOLLOWER || leader != from) {
      becomeFollower(term, from);
    }
    elections.heardLeader();
  }

  void commitTo(long index) {
    if (index > commit) {
      Invariant.check(index <= log.lastIndex(), "the commit index lies in the log");
      commit = index;
      checkRecovered();
    }
  }

  long vote() {
    return vote;
  }

  long stamp() {
    return stamp;
  }

  boolean hasCommittedInTerm() {
    return log.term(commit) == term;
  }

  private void checkRecovered() {
    if (recovering && leader != 0 && hasCommittedInTerm() && log.durable() >= commit) {
      recovering = false;
      if (vote == 0) {
        // It may have voted in this term, too: for nobody else than who won.
        vote = leader;
      }
    }
  }
}
