package dev.henge.consensus.raft;

import dev.henge.base.simulated.Seeds;
import org.junit.jupiter.api.Test;

/// Random lives of a group, each from one seed: `-Dseed=N` repeats one, `-Druns=N` does more.
final class NetworkTest {
  @Test
  void promisesHoldAndHealedGroupsGoOn() {
    int reads = 0;
    int leaseReads = 0;
    int installs = 0;
    int leaders = 0;
    for (long seed : Seeds.of("NetworkTest", Seeds.count("runs", 200))) {
      try {
        var group = new SimulatedGroup(seed, SimulatedGroup.SOUND);
        group.run(4_000);
        reads += group.readsServed;
        leaseReads += group.leaseReads;
        installs += group.installs;
        leaders += group.leadersSeen;
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + " (repeat with -Dseed=" + seed + ")", e);
      }
    }
    System.out.printf(
        "NetworkTest: %d reads, %d by lease, %d images, %d leaders%n",
        reads, leaseReads, installs, leaders);
  }
}
