package dev.henge.consensus.raft;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Randomness;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Shows that the random lives of [NetworkTest] find what they are there to find: each bug is planted
/// in one decision of the core and must break a promise within a fixed set of seeds.
final class PlantedBugTest {
  private static final int SEEDS = 600;

  enum Bug {
    OWN_APPEND_COUNTS_BEFORE_IT_IS_DURABLE,
    OLDER_TERM_COMMITTED_BY_COUNTING,
    NO_OP_FORGOTTEN,
    READ_JOINS_ROUND_UNDER_WAY,
    TWO_VOTES_IN_A_TERM,
    VOTE_BEFORE_IT_IS_DURABLE,
    ACKNOWLEDGEMENT_BEFORE_IT_IS_DURABLE,
    JOINT_MAJORITY_IGNORED,
    OLD_LOG_ELECTED,
    RECOVERING_REPLICA_VOTES,
    LEASE_FROM_RECEIPT,
    LEASE_DURING_TRANSFER
  }

  @ParameterizedTest
  @EnumSource
  void isFound(Bug bug) {
    var maker = new Buggy(bug);
    for (long seed = 0; seed < SEEDS; seed++) {
      try {
        new SimulatedGroup(seed, maker).run(4_000);
      } catch (SimulatedGroup.Broken | IllegalStateException e) {
        System.out.printf(
            "PlantedBugTest: %s in seed %d: %s%n", bug, seed, e.getMessage().lines().findFirst().get());
        return;
      }
    }
    assertTrue(false, bug + " was not found in " + SEEDS + " seeds");
  }

  private record Buggy(Bug bug) implements SimulatedGroup.Maker {
    @Override
    public Raft make(
        RaftOptions options, long self, MemoryLog log, boolean recovering, Randomness randomness) {
      return new BuggyRaft(bug, options, self, log, recovering, randomness);
    }

    @Override
    public Lease lease(long duration) {
      return new Lease(duration) {
        @Override
        protected long beginNanos(long sent, long acknowledged) {
          return bug == Bug.LEASE_FROM_RECEIPT
              ? acknowledged
              : super.beginNanos(sent, acknowledged);
        }
      };
    }
  }

  private static final class BuggyRaft extends Raft {
    private final Bug bug;

    BuggyRaft(
        Bug bug,
        RaftOptions options,
        long self,
        MemoryLog log,
        boolean recovering,
        Randomness randomness) {
      super(options, self, log.hardState(), log, log.configurations(), recovering, randomness);
      this.bug = bug;
    }

    private <T> T planted(Bug here, T wrong, Supplier<T> right) {
      return bug == here ? wrong : right.get();
    }

    @Override
    protected long ownMatch() {
      return planted(
          Bug.OWN_APPEND_COUNTS_BEFORE_IT_IS_DURABLE, lastIndex(), super::ownMatch);
    }

    @Override
    protected boolean commitsByCounting(long index) {
      return bug == Bug.OLDER_TERM_COMMITTED_BY_COUNTING || super.commitsByCounting(index);
    }

    @Override
    protected boolean beginsTermWithNoOp() {
      return planted(Bug.NO_OP_FORGOTTEN, false, super::beginsTermWithNoOp);
    }

    @Override
    protected boolean knowsWhatIsCommitted() {
      return planted(Bug.NO_OP_FORGOTTEN, true, super::knowsWhatIsCommitted);
    }

    @Override
    protected boolean readWaitsForNextRound() {
      return planted(Bug.READ_JOINS_ROUND_UNDER_WAY, false, super::readWaitsForNextRound);
    }

    @Override
    protected boolean voteIsFreeFor(long candidate) {
      return bug == Bug.TWO_VOTES_IN_A_TERM || super.voteIsFreeFor(candidate);
    }

    @Override
    protected boolean awaitsDurability(Message message) {
      boolean early =
          switch (bug) {
            case VOTE_BEFORE_IT_IS_DURABLE -> message instanceof Message.VoteReply;
            case ACKNOWLEDGEMENT_BEFORE_IT_IS_DURABLE -> message instanceof Message.AppendReply;
            default -> false;
          };
      return !early && super.awaitsDurability(message);
    }

    @Override
    protected Configuration deciding() {
      Configuration right = super.deciding();
      return bug == Bug.JOINT_MAJORITY_IGNORED
          ? new Configuration(right.voters(), new TreeSet<>(), right.learners())
          : right;
    }

    @Override
    protected boolean isUpToDate(long lastIndex, long lastTerm) {
      return bug == Bug.OLD_LOG_ELECTED || super.isUpToDate(lastIndex, lastTerm);
    }

    @Override
    protected boolean mayVote() {
      return planted(Bug.RECOVERING_REPLICA_VOTES, true, super::mayVote);
    }

    @Override
    public boolean mayReadByLease() {
      return bug == Bug.LEASE_DURING_TRANSFER
          ? options.leases() && role() == Role.LEADER && knowsWhatIsCommitted()
          : super.mayReadByLease();
    }
  }
}
