package dev.henge.simulation.replica;

import static org.junit.jupiter.api.Assertions.fail;

import dev.henge.base.Disk;
import dev.henge.consensus.group.RaftFactory;
import dev.henge.consensus.raft.Raft;
import dev.henge.simulation.Report;
import dev.henge.simulation.SimulationOptions;
import dev.henge.simulation.fault.FaultClass;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every planted bug is found by one of the seeds that stand beside it.
///
/// `-Dplanted.seeds=N` looks for seeds that find one, from 1 to N.
@NullMarked
final class PlantedBugTest {
  private static final Set<FaultClass> CRASHES =
      EnumSet.of(
          FaultClass.KILL, FaultClass.POWER_LOSS, FaultClass.SLOW_DISK, FaultClass.PARTITION);
  private static final Set<FaultClass> QUARRELS =
      EnumSet.of(
          FaultClass.KILL,
          FaultClass.PARTITION,
          FaultClass.PAUSE,
          FaultClass.UNRULY_NETWORK,
          FaultClass.MEMBERS,
          FaultClass.MEMBERS_AND_FAILOVER);

  /// A bug, faults that bring it out, and seeds with which they do.
  @SuppressWarnings("ImmutableEnumChecker") // nobody changes what they hold
  enum Bug {
    NO_NO_OP(PlantedBugs.NO_NO_OP, QUARRELS, 1, 2),
    VOTES_TWICE(PlantedBugs.VOTES_TWICE, QUARRELS, 3, 7),
    VOTES_FOR_OLD_LOGS(PlantedBugs.VOTES_FOR_OLD_LOGS, QUARRELS, 1, 2),
    NO_JOINT_MAJORITY(PlantedBugs.NO_JOINT_MAJORITY, QUARRELS, 19),
    APPLIES_BEFORE_COMMIT(PlantedBugs.APPLIES_BEFORE_COMMIT, QUARRELS, 1, 2),
    LOG_IS_NEVER_SYNCED(Raft::new, CRASHES, 2),
    FORGETS_REQUESTS(Raft::new, CRASHES, 1, 2),
    FORGETS_ITS_INDEX(Raft::new, CRASHES, 2),
    EXPIRES_BY_OWN_CLOCK(
        Raft::new, EnumSet.of(FaultClass.CLOCK, FaultClass.KILL, FaultClass.STOP), 5, 7);

    private final RaftFactory cores;
    private final Set<FaultClass> faults;
    private final long[] seeds;

    Bug(RaftFactory cores, Set<FaultClass> faults, long... seeds) {
      this.cores = cores;
      this.faults = faults;
      this.seeds = seeds;
    }

    private Report run(long seed) {
      UnaryOperator<Disk> disks =
          this == LOG_IS_NEVER_SYNCED ? PlantedBugs::logIsNeverSynced : UnaryOperator.identity();
      var table = new MapState.Table();
      ReplicatedState.Factory states =
          this == EXPIRES_BY_OWN_CLOCK
              ? PlantedBugs.EXPIRES_BY_OWN_CLOCK
              : (group, disk, directory, threads, clock) -> state(table, disk, directory);
      return ReplicaSimulations.run(seed, options(seed), cores, states, disks);
    }

    private MapState state(MapState.Table table, Disk disk, Path directory) throws IOException {
      return switch (this) {
        case FORGETS_REQUESTS -> new PlantedBugs.ForgetsRequests(table, disk, directory);
        case FORGETS_ITS_INDEX -> new PlantedBugs.ForgetsItsIndex(table, disk, directory);
        default -> new MapState(table, disk, directory);
      };
    }

    /// Elections are quick, faults come without a pause.
    private SimulationOptions options(long seed) {
      return SimulationOptions.drawn(seed, 5)
          .withTimes(Duration.ofMillis(20), Duration.ofSeconds(12), Duration.ofMillis(150))
          .withClients(12, 40_000, seed % 2 == 0 ? 3_000 : 15_000)
          .withFaults(faults);
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
    for (long seed : bug.seeds) {
      if (!bug.run(seed).isGood()) {
        return;
      }
    }
    fail(bug + " was not found");
  }

  private static void look(Bug bug, int tried) {
    int found = 0;
    for (long seed = 1; seed <= tried && found < 2; seed++) {
      Report report = bug.run(seed);
      if (!report.isGood()) {
        found++;
        System.out.println(
            bug + " is found by seed " + seed + ": " + report.violations().getFirst());
      }
    }
  }
}
