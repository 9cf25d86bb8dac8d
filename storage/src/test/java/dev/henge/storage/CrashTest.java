package dev.henge.storage;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.Seeds;
import java.io.IOException;
import java.util.SplittableRandom;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// Loses the power, or kills the process, at operations of random workloads on a simulated disk.
///
/// Long runs: `mvn -pl storage -am -Dtest=CrashTest -Dsurefire.failIfNoSpecifiedTests=false
/// -Dcrash.points=20000 verify`. A failure names the seed and the point: `-Dseed=N -Dcrash.point=P`
/// repeats it alone.
@NullMarked
class CrashTest {
  @Test
  void loggedBatchesSurviveAsTheirModePromises() throws IOException {
    crash(false, Seeds.count("crash.points", 600));
  }

  @Test
  void unloggedBatchesAreThereAsFarAsTheyWereFlushed() throws IOException {
    crash(true, Seeds.count("crash.points", 600) / 2);
  }

  private static void crash(boolean unlogged, int pointsWanted) throws IOException {
    Long given = Long.getLong("seed");
    long first = given != null ? given : Seeds.of("CrashTest", 1)[0];
    var seeds = new SplittableRandom(first);
    int points = 0;
    int losses = 0;
    int histories = 0;
    do {
      long seed = histories == 0 ? first : seeds.nextLong() & 0xffff_ffffL;
      History history = History.random(seed, History.Profile.crash(120, unlogged));
      var harness =
          new CrashHarness(history, OptionSets.lsmRandom(seed), CrashHarness.Plan.usual());
      harness.run();
      points += harness.pointsChecked();
      losses += harness.lossesChecked();
      histories++;
    } while (given == null && points < pointsWanted);
    System.out.printf(
        "CrashTest: %d histories, %d crash points, %d losses, none wrong%n",
        histories, points, losses);
    assertTrue(given != null || points >= pointsWanted);
  }
}
