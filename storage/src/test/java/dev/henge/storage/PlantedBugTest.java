package dev.henge.storage;

import static org.junit.jupiter.api.Assertions.fail;

import dev.henge.base.simulated.Seeds;
import java.io.IOException;
import java.util.SplittableRandom;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// Proves that the crash test sees what it is for: each planted bug makes it fail.
@NullMarked
class PlantedBugTest {
  private static final int HISTORIES_MAX = 40;

  private final CrashHarness.Plan usual = CrashHarness.Plan.usual();

  @Test
  void aSkippedSyncOfTheLogIsCaught() throws IOException {
    isCaught(usual.withBug(PlantedBugs.skippedSync(".wal")));
  }

  @Test
  void aManifestWrittenBeforeItsTablesAreDurableIsCaught() throws IOException {
    isCaught(usual.withBug(PlantedBugs.skippedSync(".sst")));
  }

  @Test
  void aManifestRenamedBeforeItIsDurableIsCaught() throws IOException {
    isCaught(usual.withBug(PlantedBugs.skippedSync("MANIFEST.tmp")));
  }

  @Test
  void aSkippedSyncOfTheDirectoryIsCaught() throws IOException {
    isCaught(usual.withBug(PlantedBugs.skippedDirectorySync()));
  }

  @Test
  void aTornTailAcceptedInTheMiddleOfTheLogIsCaught() throws IOException {
    isCaught(usual.withRecovery(PlantedBugs.tornTailAcceptedInTheMiddle()));
  }

  private static void isCaught(CrashHarness.Plan plan) throws IOException {
    var seeds = new SplittableRandom(Seeds.of("PlantedBugTest", 1)[0]);
    for (int i = 0; i < HISTORIES_MAX; i++) {
      long seed = seeds.nextLong() & 0xffff_ffffL;
      History history = History.random(seed, History.Profile.crash(80, false));
      try {
        new CrashHarness(history, OptionSets.lsmSmall(), plan).run();
      } catch (AssertionError caught) {
        return;
      }
    }
    fail("the planted bug went unseen in " + HISTORIES_MAX + " histories");
  }
}
