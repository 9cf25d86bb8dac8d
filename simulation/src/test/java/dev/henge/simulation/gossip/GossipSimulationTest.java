package dev.henge.simulation.gossip;

import static dev.henge.replication.membership.MemberState.DOWN;
import static dev.henge.replication.membership.MemberState.SUSPECTED;
import static dev.henge.replication.membership.MemberState.UP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.Seeds;
import dev.henge.replication.membership.GossipOptions;
import dev.henge.replication.membership.MemberState;
import dev.henge.simulation.world.World;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Whole clusters that gossip: what all of them believe, and how soon.
///
/// Where messages are lost, an assertion that could fail by an unlucky seed has seeds of its own;
/// the others look elsewhere in every build.
final class GossipSimulationTest {
  private static final int RUNS = Seeds.count("gossip.runs", 10);

  /// Until the histories are those of this cluster, not what was presumed.
  private static final int SETTLED = 60;

  private static GossipCluster cluster(long seed, int members, int lossPercent) {
    var world = new World(new SeededRandomness(seed));
    return new GossipCluster(world, members, GossipOptions.USUAL, lossPercent, true);
  }

  private static int size(long seed) {
    return 3 + new SeededRandomness(seed).nextInt(30);
  }

  @Test
  void whoIsThereIsKnownInAFewRoundsAndNobodyIsWronged() {
    for (long seed = 1; seed <= RUNS; seed++) {
      GossipCluster cluster = cluster(seed, size(seed), 5);
      cluster.rounds(12);
      assertTrue(cluster.allKnown(), "seed " + seed);
      for (int i = 0; i < 300; i++) {
        cluster.rounds(1);
        assertEquals(0, cluster.wronged(), "seed " + seed + " round " + i);
      }
    }
  }

  @Test
  void theDeadAreDownAndTheReturnedAreUpEverywhere() {
    for (long seed : Seeds.of("theDeadAreDownAndTheReturnedAreUpEverywhere", RUNS)) {
      GossipCluster cluster = cluster(seed, size(seed), 5);
      int others = cluster.size() - 1;
      cluster.rounds(SETTLED);
      cluster.kill(2);
      int rounds = until(cluster, seed, 2, DOWN, others);
      assertTrue(rounds >= 3, "seed " + seed + ": silence is doubted, asked about, then told");
      cluster.restart(2, 2);
      until(cluster, seed, 2, UP, others);
      cluster.kill(2);
      until(cluster, seed, 2, DOWN, others);
      // as if the number of its incarnation was lost with its disk's last writes
      cluster.restart(2, 1);
      until(cluster, seed, 2, UP, others);
      cluster.lose(0);
      cluster.rounds(SETTLED);
      assertEquals(0, cluster.wronged(), "seed " + seed);
    }
  }

  /// Rounds until so many believe it; far more than it takes are a failure.
  private static int until(
      GossipCluster cluster, long seed, long member, MemberState state, int count) {
    for (int round = 0; round < 400; round++) {
      if (cluster.count(member, state) == count) {
        return round;
      }
      cluster.rounds(1);
    }
    throw new AssertionError(
        "seed %d: %d is not %s at all others: %s"
            .formatted(seed, member, state, cluster.gossip(1).describe()));
  }

  @Test
  void aPausedMemberComesBackAndAccusesNobody() {
    for (long seed : Seeds.of("aPausedMemberComesBackAndAccusesNobody", RUNS)) {
      GossipCluster cluster = cluster(seed, size(seed), 0);
      cluster.rounds(SETTLED);
      cluster.pause(2, Duration.ofSeconds(30));
      until(cluster, seed, 2, DOWN, cluster.size() - 1);
      for (int i = 0; i < 2 * SETTLED; i++) {
        cluster.rounds(1);
        for (long of = 1; of <= cluster.size(); of++) {
          if (of != 2) {
            assertEquals(cluster.size() - 1, cluster.count(of, UP), "seed " + seed + " of " + of);
          }
        }
      }
      assertEquals(0, cluster.wronged(), "seed " + seed);
    }
  }

  /// One hears nobody: it suspects all, they hear it, and nobody is down anywhere.
  @Test
  void whoHearsNobodyBringsNobodyDown() {
    for (long seed : Seeds.of("whoHearsNobodyBringsNobodyDown", RUNS)) {
      GossipCluster cluster = cluster(seed, size(seed), 0);
      cluster.rounds(SETTLED);
      for (long from = 2; from <= cluster.size(); from++) {
        cluster.cut(from, 1);
      }
      for (int i = 0; i < 8 * SETTLED; i++) {
        cluster.rounds(1);
        for (long of = 1; of <= cluster.size(); of++) {
          assertEquals(0, cluster.count(of, DOWN), "seed " + seed + " of " + of);
          int deaf = of == 1 ? 0 : 1;
          assertTrue(
              cluster.count(of, UP) >= cluster.size() - 1 - deaf, "seed " + seed + " of " + of);
        }
      }
      assertEquals(SUSPECTED, cluster.state(2, 1), "seed " + seed);
      cluster.heal();
      cluster.rounds(SETTLED);
      assertEquals(0, cluster.wronged(), "seed " + seed);
    }
  }

  /// One is heard by nobody, and hears all.
  @Test
  void whomNobodyHearsIsDown() {
    for (long seed : Seeds.of("whomNobodyHearsIsDown", RUNS)) {
      GossipCluster cluster = cluster(seed, size(seed), 0);
      cluster.rounds(SETTLED);
      for (long to = 2; to <= cluster.size(); to++) {
        cluster.cut(1, to);
      }
      until(cluster, seed, 1, DOWN, cluster.size() - 1);
      assertEquals(UP, cluster.state(2, 1), "seed " + seed);
      cluster.heal();
      until(cluster, seed, 1, UP, cluster.size() - 1);
    }
  }

  /// Two members that cannot talk are told of each other by the rest.
  @Test
  void oneBrokenLinkIsNoReason() {
    for (long seed : Seeds.of("oneBrokenLinkIsNoReason", RUNS)) {
      GossipCluster cluster = cluster(seed, size(seed), 0);
      cluster.rounds(SETTLED);
      cluster.cut(1, 2);
      cluster.cut(2, 1);
      for (int i = 0; i < 4 * SETTLED; i++) {
        cluster.rounds(1);
        assertEquals(0, cluster.wronged(), "seed " + seed);
      }
    }
  }

  @Test
  void twoHalvesFindEachOtherAgain() {
    for (long seed : Seeds.of("twoHalvesFindEachOtherAgain", RUNS)) {
      GossipCluster cluster = cluster(seed, 4 + size(seed), 2);
      int half = cluster.size() / 2;
      cluster.rounds(SETTLED);
      for (long left = 1; left <= half; left++) {
        for (long right = half + 1L; right <= cluster.size(); right++) {
          cluster.cut(left, right);
          cluster.cut(right, left);
        }
      }
      until(cluster, seed, 1, DOWN, cluster.size() - half);
      until(cluster, seed, cluster.size(), DOWN, half);
      cluster.heal();
      cluster.lose(0);
      for (long member = 1; member <= cluster.size(); member++) {
        until(cluster, seed, member, UP, cluster.size() - 1);
      }
    }
  }

  /// Where messages carry a part of the list only, it takes longer and comes to the same.
  @Test
  void smallMessagesDoInALargeCluster() {
    for (long seed = 1; seed <= 2; seed++) {
      var world = new World(new SeededRandomness(seed));
      var options = new GossipOptions(Duration.ofMillis(500), 3, 20, 8, 8);
      var cluster = new GossipCluster(world, 120, options, 5, true);
      cluster.rounds(100);
      assertTrue(cluster.allKnown(), "seed " + seed);
      long bytes = cluster.sentBytes();
      for (int i = 0; i < 50; i++) {
        cluster.rounds(1);
        assertEquals(0, cluster.wronged(), "seed " + seed);
      }
      // 3 messages of 20 entries a tick: 3 * (20 * 5 + 60) at most, and some probes
      assertTrue((cluster.sentBytes() - bytes) / 50 / 120 < 700, "seed " + seed);
      cluster.kill(60);
      until(cluster, seed, 60, DOWN, 119);
    }
  }

  @Test
  void aSeedGivesTheSameRun() {
    for (long seed : Seeds.of("aSeedGivesTheSameRun", 2)) {
      String first = story(seed);
      assertEquals(first, story(seed), "seed " + seed);
    }
  }

  private static String story(long seed) {
    GossipCluster cluster = cluster(seed, 9, 20);
    cluster.rounds(SETTLED);
    cluster.kill(4);
    cluster.rounds(SETTLED);
    return cluster.sentBytes() + " " + cluster.gossip(1).describe();
  }
}
