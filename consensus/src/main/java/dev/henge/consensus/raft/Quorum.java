package dev.henge.consensus.raft;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedSet;
import java.util.function.LongUnaryOperator;

/// The arithmetic of majorities, simple and joint: a joint configuration decides by a majority of
/// its voters *and* one of its outgoing voters (4.3).
final class Quorum {
  /// The state of an election.
  enum Tally {
    WON,
    LOST,
    PENDING
  }

  private Quorum() {}

  /// The highest value that a quorum has reached; 0 without any voter.
  ///
  /// @param reached by member
  static long reached(Configuration configuration, LongUnaryOperator reached) {
    long value = majority(configuration.voters(), reached);
    return configuration.isJoint()
        ? Math.min(value, majority(configuration.outgoing(), reached))
        : value;
  }

  /// @param votes by member; absent where there is no answer yet
  static Tally tally(Configuration configuration, Map<Long, Boolean> votes) {
    Tally tally = tally(configuration.voters(), votes);
    if (!configuration.isJoint()) {
      return tally;
    }
    Tally outgoing = tally(configuration.outgoing(), votes);
    if (tally == Tally.LOST || outgoing == Tally.LOST) {
      return Tally.LOST;
    }
    return tally == Tally.WON && outgoing == Tally.WON ? Tally.WON : Tally.PENDING;
  }

  private static long majority(SortedSet<Long> voters, LongUnaryOperator reached) {
    if (voters.isEmpty()) {
      return 0;
    }
    long[] values = new long[voters.size()];
    int i = 0;
    for (long voter : voters) {
      values[i++] = reached.applyAsLong(voter);
    }
    Arrays.sort(values);
    return values[(values.length - 1) / 2];
  }

  private static Tally tally(SortedSet<Long> voters, Map<Long, Boolean> votes) {
    int yes = 0;
    int no = 0;
    for (long voter : voters) {
      Boolean vote = votes.get(voter);
      if (vote != null) {
        yes += vote ? 1 : 0;
        no += vote ? 0 : 1;
      }
    }
    int majority = voters.size() / 2 + 1;
    if (yes >= majority) {
      return Tally.WON;
    }
    return voters.size() - no < majority ? Tally.LOST : Tally.PENDING;
  }
}
