package dev.henge.cli.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.Seeds;
import dev.henge.simulation.chaos.ChaosOptions;
import dev.henge.simulation.chaos.ChaosReport;
import dev.henge.simulation.chaos.ChaosRun;
import dev.henge.simulation.chaos.FaultKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// The short form of `henge chaos`: three processes, one round of kills and pauses, and a paused
/// leader.
final class ChaosTest {
  private static final int HEAL_SECONDS = 300;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path directory;

  @Test
  void clientsSeeNothingWrongWhenNodesDieAndStall() throws IOException {
    long seed = Seeds.of("ChaosTest", 1)[0];
    ChaosOptions options =
        new ChaosOptions(
            3,
            1,
            10,
            seed,
            false,
            2,
            1,
            10,
            8_000,
            HEAL_SECONDS,
            Set.of(FaultKind.KILL, FaultKind.PAUSE, FaultKind.FREEZE),
            ServerProcess.command(),
            List.of());
    ChaosReport report = new ChaosRun(options, directory, System.out::println).run();
    System.out.println(report);
    assertEquals(List.of(), report.violations(), "the directory stays: " + directory);
    assertEquals(1, report.pausedLeaders());
    assertTrue(report.operations() > 0, "nothing was answered");
    assertTrue(report.faults().values().stream().mapToInt(count -> count).sum() > 0, "no faults");
  }
}
