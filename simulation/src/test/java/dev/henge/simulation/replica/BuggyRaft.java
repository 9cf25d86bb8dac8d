package dev.henge.simulation.replica;

import dev.henge.base.Randomness;
import dev.henge.consensus.group.RaftFactory;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.HardState;
import dev.henge.consensus.raft.LogView;
import dev.henge.consensus.raft.Message;
import dev.henge.consensus.raft.Outcome;
import dev.henge.consensus.raft.Raft;
import dev.henge.consensus.raft.RaftOptions;
import dev.henge.consensus.raft.Ready;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;

/// A core with one mistake that implementations of Raft have made.
@NullMarked
final class BuggyRaft extends Raft {
  /// Each is one decision of the core taken wrongly.
  enum Mistake {
    /// What is in the leader's own log counts before it is durable there.
    COUNTS_BEFORE_DURABLE,
    /// A follower says that it holds what is not durable yet.
    ACKNOWLEDGES_BEFORE_DURABLE,
    /// A vote leaves before it is durable.
    VOTES_BEFORE_DURABLE,
    /// Term and vote are not kept: a restarted voter knows what its log says.
    FORGETS_ITS_VOTE,
    /// A leader is elected and appends nothing: what earlier leaders left is never committed.
    NO_NO_OP,
    /// Two candidates get a vote in one term.
    VOTES_TWICE,
    /// A candidate whose log lacks committed entries gets votes.
    VOTES_FOR_OLD_LOGS,
    /// Two sets of voters change without a majority of both.
    NO_JOINT_MAJORITY,
    /// What is in the log is applied before it is committed.
    APPLIES_BEFORE_COMMIT,
    /// A leader answers reads without asking whether it still is one.
    READS_WITHOUT_ROUND,
    /// A new leader answers reads before it has committed anything.
    READS_BEFORE_FIRST_COMMIT,
    /// A leader tells followers how fresh they are without asking whether it still is one.
    TELLS_FRESHNESS_UNASKED,
    /// A follower counts as fresh when it hears of its leader, whatever it lacks.
    FRESH_BY_HEARING
  }

  private final Mistake mistake;
  private final List<Ready.ReadState> answered = new ArrayList<>();

  private BuggyRaft(
      Mistake mistake,
      RaftOptions options,
      long self,
      HardState hardState,
      LogView log,
      SortedMap<Long, Configuration> configurations,
      boolean recovering,
      Randomness randomness) {
    super(options, self, hardState, log, configurations, recovering, randomness);
    this.mistake = mistake;
  }

  static RaftFactory with(Mistake mistake) {
    return (options, self, state, log, configurations, recovering, randomness) -> {
      HardState found =
          mistake == Mistake.FORGETS_ITS_VOTE
              ? new HardState(log.term(log.lastIndex()), 0, state.commit())
              : state;
      return new BuggyRaft(
          mistake, options, self, found, log, configurations, recovering, randomness);
    };
  }

  private boolean makes(Mistake any) {
    return mistake == any;
  }

  @Override
  protected long ownMatch() {
    return makes(Mistake.COUNTS_BEFORE_DURABLE) ? lastIndex() : super.ownMatch();
  }

  @Override
  protected boolean awaitsDurability(Message message) {
    boolean early =
        (message instanceof Message.AppendReply && makes(Mistake.ACKNOWLEDGES_BEFORE_DURABLE))
            || (message instanceof Message.VoteReply && makes(Mistake.VOTES_BEFORE_DURABLE));
    return !early && super.awaitsDurability(message);
  }

  @Override
  protected boolean beginsTermWithNoOp() {
    return !makes(Mistake.NO_NO_OP) && super.beginsTermWithNoOp();
  }

  @Override
  protected boolean voteIsFreeFor(long candidate) {
    return makes(Mistake.VOTES_TWICE) || super.voteIsFreeFor(candidate);
  }

  @Override
  protected boolean isUpToDate(long lastIndex, long lastTerm) {
    return makes(Mistake.VOTES_FOR_OLD_LOGS) || super.isUpToDate(lastIndex, lastTerm);
  }

  @Override
  protected Configuration deciding() {
    Configuration right = super.deciding();
    return makes(Mistake.NO_JOINT_MAJORITY)
        ? new Configuration(right.voters(), new TreeSet<>(), right.learners())
        : right;
  }

  @Override
  protected boolean knowsWhatIsCommitted() {
    return makes(Mistake.READS_BEFORE_FIRST_COMMIT) || super.knowsWhatIsCommitted();
  }

  @Override
  protected long confirmedRound() {
    return makes(Mistake.TELLS_FRESHNESS_UNASKED) ? newestRound() : super.confirmedRound();
  }

  @Override
  public Outcome readIndex(long context) {
    if (!makes(Mistake.READS_WITHOUT_ROUND) || role() != Role.LEADER || !knowsWhatIsCommitted()) {
      return super.readIndex(context);
    }
    answered.add(new Ready.ReadState(context, commitIndex()));
    return Outcome.ACCEPTED;
  }

  private Message told(Message message) {
    return message instanceof Message.Heartbeat right && makes(Mistake.FRESH_BY_HEARING)
        ? new Message.Heartbeat(
            right.from(), right.to(), right.term(), right.commit(), right.round(), 1, right.stamp())
        : message;
  }

  @Override
  public boolean hasReady() {
    return super.hasReady() || !answered.isEmpty();
  }

  @Override
  public Ready ready() {
    Ready right = super.ready();
    var reads = new ArrayList<>(right.readStates());
    reads.addAll(answered);
    answered.clear();
    return new Ready(
        right.writeNumber(),
        right.hardState(),
        right.entries(),
        right.messages().stream().map(this::told).toList(),
        right.durableMessages(),
        makes(Mistake.APPLIES_BEFORE_COMMIT) ? lastIndex() : right.commitIndex(),
        reads,
        right.fetches(),
        right.installSnapshot());
  }
}
