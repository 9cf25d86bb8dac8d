package dev.henge.consensus.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.henge.base.simulated.Seeds;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// [Quorum] against the definition: a set of members is a quorum when it has more than half of the
/// voters and, if joint, more than half of the outgoing ones.
final class QuorumTest {
  private static boolean isQuorum(Configuration configuration, SortedSet<Long> set) {
    return isMajority(configuration.voters(), set)
        && (!configuration.isJoint() || isMajority(configuration.outgoing(), set));
  }

  private static boolean isMajority(SortedSet<Long> voters, SortedSet<Long> set) {
    return 2 * voters.stream().filter(set::contains).count() > voters.size();
  }

  @Test
  void agreesWithTheDefinition() {
    for (long seed : Seeds.of("QuorumTest", 2_000)) {
      var random = new SplittableRandom(seed);
      var configuration =
          new Configuration(members(random, 1), members(random, 0), new TreeSet<>());
      Map<Long, Long> reached = new HashMap<>();
      Map<Long, Boolean> votes = new HashMap<>();
      for (long member = 1; member <= 7; member++) {
        reached.put(member, (long) random.nextInt(6));
        switch (random.nextInt(3)) {
          case 0 -> votes.put(member, true);
          case 1 -> votes.put(member, false);
          default -> {}
        }
      }
      assertEquals(
          naiveReached(configuration, reached),
          Quorum.reached(configuration, reached::get),
          () -> "seed " + seed + " " + configuration + " " + reached);
      assertEquals(
          naiveTally(configuration, votes),
          Quorum.tally(configuration, votes),
          () -> "seed " + seed + " " + configuration + " " + votes);
    }
  }

  @Test
  void nobodyDecidesNothing() {
    assertEquals(0, Quorum.reached(Configuration.NONE, member -> 9));
    assertEquals(Quorum.Tally.LOST, Quorum.tally(Configuration.NONE, Map.of()));
  }

  private static TreeSet<Long> members(SplittableRandom random, int least) {
    var members = new TreeSet<Long>();
    int count = least + random.nextInt(5);
    while (members.size() < count) {
      members.add(1L + random.nextInt(7));
    }
    return members;
  }

  private static long naiveReached(Configuration configuration, Map<Long, Long> reached) {
    long best = 0;
    for (long value = 0; value < 6; value++) {
      var holders = new TreeSet<Long>();
      for (var entry : reached.entrySet()) {
        if (entry.getValue() >= value) {
          holders.add(entry.getKey());
        }
      }
      if (isQuorum(configuration, holders)) {
        best = value;
      }
    }
    return best;
  }

  private static Quorum.Tally naiveTally(Configuration configuration, Map<Long, Boolean> votes) {
    var yes = new TreeSet<Long>();
    var possible = new TreeSet<>(configuration.members());
    votes.forEach((member, vote) -> {
      if (vote) {
        yes.add(member);
      } else {
        possible.remove(member);
      }
    });
    if (isQuorum(configuration, yes)) {
      return Quorum.Tally.WON;
    }
    return isQuorum(configuration, possible) ? Quorum.Tally.PENDING : Quorum.Tally.LOST;
  }
}
