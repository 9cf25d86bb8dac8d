package dev.henge.consensus.raft;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Randomness;
import java.io.IOException;
import java.nio.file.Files;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Shows that the random lives of [NetworkTest] find what they are there to find: each bug is
/// planted in one decision of the core and must break a promise within a fixed set of seeds.
final class PlantedBugTest {
  private static final int SEEDS = 100;

  /// Each with the first of its seeds: rare ones need not search from the beginning.
  enum Bug {
    OWN_APPEND_COUNTS_BEFORE_IT_IS_DURABLE(50),
    OLDER_TERM_COMMITTED_BY_COUNTING("3.6-safety-of-commitment.txt"),
    NO_OP_FORGOTTEN(0),
    READ_JOINS_ROUND_UNDER_WAY(0),
    TWO_VOTES_IN_A_TERM(0),
    VOTE_BEFORE_IT_IS_DURABLE("3.4-election.txt"),
    ACKNOWLEDGEMENT_BEFORE_IT_IS_DURABLE(0),
    JOINT_MAJORITY_IGNORED(150),
    OLD_LOG_ELECTED(0),
    RECOVERING_REPLICA_VOTES(0),
    LEASE_FROM_RECEIPT(400),
    LEASE_DURING_TRANSFER("3.10-transfer.txt");

    final long firstSeed;
    final String script;

    Bug(long firstSeed) {
      this.firstSeed = firstSeed;
      script = "";
    }

    /// Too rare for random lives: the paper's own counterexample is played.
    Bug(String script) {
      firstSeed = 0;
      this.script = script;
    }
  }

  @ParameterizedTest
  @EnumSource
  void isFound(Bug bug) throws IOException {
    assertTrue(
        bug.script.isEmpty() ? breaksAPromise(bug) : saysSomethingElse(bug),
        bug + " was not found");
  }

  private static boolean breaksAPromise(Bug bug) {
    for (long seed = bug.firstSeed; seed < bug.firstSeed + SEEDS; seed++) {
      try {
        new SimulatedGroup(seed, new Buggy(bug)).run(4_000);
      } catch (SimulatedGroup.Broken | IllegalStateException e) {
        String promise = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        System.out.printf("PlantedBugTest: %s in seed %d: %s%n", bug, seed, promise);
        return true;
      }
    }
    return false;
  }

  private static boolean saysSomethingElse(Bug bug) throws IOException {
    String expected = Files.readString(ConversationsTest.DIRECTORY.resolve(bug.script));
    return !ConversationsTest.play(bug.script, new Buggy(bug)).equals(expected);
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
      return planted(Bug.OWN_APPEND_COUNTS_BEFORE_IT_IS_DURABLE, lastIndex(), super::ownMatch);
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
