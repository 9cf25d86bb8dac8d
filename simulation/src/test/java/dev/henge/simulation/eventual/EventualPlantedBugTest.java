package dev.henge.simulation.eventual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.henge.simulation.Report;
import dev.henge.simulation.SimulationOptions;
import dev.henge.simulation.fault.FaultClass;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every planted bug is found by a seed from the one on that stands beside it, within a bound,
/// while the same seed without the bug is good.
///
/// `-Dplanted.seeds=N` says of each bug which of the first N seeds find it.
@NullMarked
final class EventualPlantedBugTest {
  private static final Set<FaultClass> CRASHES =
      EnumSet.of(FaultClass.KILL, FaultClass.POWER_LOSS, FaultClass.SLOW_DISK);

  private static final Set<FaultClass> CUTS =
      EnumSet.of(FaultClass.PARTITION, FaultClass.PAUSE, FaultClass.UNRULY_NETWORK);

  private static final Set<FaultClass> CLOCKS =
      EnumSet.of(FaultClass.CLOCK, FaultClass.PARTITION, FaultClass.STOP);

  private static final Set<FaultClass> DISKS =
      EnumSet.of(FaultClass.FULL_DISK, FaultClass.FAILED_SYNC, FaultClass.POWER_LOSS);

  private static final Set<FaultClass> LOSSES =
      EnumSet.of(FaultClass.LOST_DISK, FaultClass.PARTITION, FaultClass.KILL);

  /// A bug that no seed of so many shows would not be found by any.
  private static final int SEEDS_MAX = 100;

  /// A bug, what brings it out, and the seed to begin with.
  @SuppressWarnings("ImmutableEnumChecker") // nobody changes what they hold
  enum Bug {
    DROPS_A_SIBLING(EventualMaking.RIGHT.with(EventualBugs.DropsASibling::new), CUTS, 1),
    OVERWRITES(EventualMaking.RIGHT.with(EventualBugs.Overwrites::new), CUTS, 1),
    PRUNES(EventualMaking.RIGHT.with(EventualBugs.Prunes::new), CUTS, 1),
    FORGETS_TOMBSTONES(EventualMaking.RIGHT.with(EventualBugs.ForgetsTombstones::new), CUTS, 1),
    HIDES_SIBLINGS(EventualMaking.RIGHT.with(EventualBugs.HidesSiblings::new), CUTS, 1),
    TIMES_OF_THE_WALL_CLOCK(EventualMaking.RIGHT.with(EventualBugs.WallClock::new), CLOCKS, 1),
    ACKNOWLEDGES_EARLY(
        EventualMaking.RIGHT.withEngines(EventualBugs::acknowledgesEarly), CRASHES, 1),
    NAMES_AGAIN(EventualMaking.RIGHT.withOldNames(), CRASHES, 1),
    CALLS_TWICE(EventualMaking.RIGHT.withTransports(EventualBugs::callsTwice), CUTS, 1),
    REFUSES_NOTHING(EventualMaking.RIGHT.withTransports(EventualBugs::refusesNothing), DISKS, 1),
    LOSES_HINTS(EventualMaking.RIGHT.withTransports(EventualBugs::losesHints), LOSSES, 1);

    private final EventualMaking making;
    private final Set<FaultClass> faults;
    private final long firstSeed;

    Bug(EventualMaking making, Set<FaultClass> faults, long firstSeed) {
      this.making = making;
      this.faults = faults;
      this.firstSeed = firstSeed;
    }

    private Report run(long seed, EventualMaking made) {
      return EventualSimulation.run(
          seed,
          SimulationOptions.drawnForEventual(seed, this == LOSES_HINTS ? 6 : 5)
              .withTimes(Duration.ofMillis(30), Duration.ofSeconds(12), Duration.ofMillis(200))
              .withClients(12, 40_000, seed % 2 == 0 ? 3_000 : 15_000)
              .withFaults(faults),
          made);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isFound(Bug bug) {
    int tried = Integer.getInteger("planted.seeds", 0);
    if (tried > 0) {
      look(bug, tried);
      return;
    }
    for (long seed = bug.firstSeed; seed < bug.firstSeed + SEEDS_MAX; seed++) {
      if (!bug.run(seed, bug.making).isGood()) {
        assertEquals(List.of(), bug.run(seed, EventualMaking.RIGHT).violations(), "without " + bug);
        System.out.println(bug + " is found by seed " + seed);
        return;
      }
    }
    fail(bug + " was not found");
  }

  private static void look(Bug bug, int tried) {
    for (long seed = 1; seed <= tried; seed++) {
      Report report = bug.run(seed, bug.making);
      if (!report.isGood()) {
        System.out.println(
            bug + " is found by seed " + seed + ": " + report.violations().getFirst());
      }
    }
  }
}
