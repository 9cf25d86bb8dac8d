package dev.henge.simulation;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.group.GroupOptions;
import dev.henge.consensus.raft.RaftOptions;
import dev.henge.simulation.fault.FaultClass;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What one run is made of, besides its seed.
///
/// @param subject what runs on the machines
/// @param machines how many
/// @param keyspaces each with a group of its own
/// @param clients that work at the same time
/// @param thinkMicrosMax the longest pause of a client between two operations
/// @param tick of the groups: an election takes ten to twenty
/// @param latencyMicrosMax the longest usual way of a message
/// @param duration virtual time under faults
/// @param gap between two faults, on average
/// @param faults classes to draw from
public record SimulationOptions(
    Subject subject,
    int machines,
    int keyspaces,
    int clients,
    long thinkMicrosMax,
    Duration tick,
    long latencyMicrosMax,
    Duration duration,
    Duration gap,
    Set<FaultClass> faults) {
  /// What runs on the machines.
  public enum Subject {
    /// Complete nodes.
    NODES(""),
    /// Groups of replicas alone, without the nodes around them.
    REPLICAS(" --replicas"),
    /// The members' parts of eventual keyspaces alone.
    EVENTUAL(" --eventual");

    private final String option;

    Subject(String option) {
      this.option = option;
    }
  }

  /// Without a leader none can be moved, and owners change as the ring says.
  private static final Set<FaultClass> EVENTUAL_FAULTS =
      EnumSet.complementOf(
          EnumSet.of(FaultClass.MEMBERS, FaultClass.TRANSFER, FaultClass.MEMBERS_AND_FAILOVER));

  public SimulationOptions {
    // In their order: that of Set.copyOf differs from process to process.
    faults = Collections.unmodifiableSet(EnumSet.copyOf(faults));
  }

  /// For groups of replicas. Enough of everything for a seed to be worth its name (60 s, 1,000
  /// operations, more than 5 faults of 3 classes), and another mixture for each seed: what is rare
  /// in one is usual in another.
  ///
  /// @param machines 3 to 5; 0 for what the seed says
  public static SimulationOptions drawn(long seed, int machines) {
    var random = new SeededRandomness(seed ^ 0x6d697874757265L);
    int drawn = 3 + 2 * random.nextInt(2);
    return new SimulationOptions(
        Subject.REPLICAS,
        machines == 0 ? drawn : machines,
        1 + random.nextInt(2),
        6 + random.nextInt(6),
        random.oneOf(List.of(100_000L, 250_000L, 400_000L)),
        Duration.ofMillis(random.oneOf(List.of(30, 60, 100))),
        random.oneOf(List.of(300L, 600L, 3_000L, 20_000L)),
        Duration.ofSeconds(60),
        Duration.ofMillis(random.oneOf(List.of(500, 1_000, 2_000, 3_000))),
        EnumSet.allOf(FaultClass.class));
  }

  /// As [#drawn], for complete nodes: keyspaces are made while they run.
  ///
  /// @param machines 3 to 5 that the cluster begins with; 0 for what the seed says
  public static SimulationOptions drawnForNodes(long seed, int machines) {
    var random = new SeededRandomness(seed ^ 0x6e6f646573L);
    int drawn = 3 + random.nextInt(3);
    return new SimulationOptions(
        Subject.NODES,
        machines == 0 ? drawn : machines,
        1,
        6 + random.nextInt(6),
        random.oneOf(List.of(100_000L, 250_000L, 400_000L)),
        Duration.ofMillis(random.oneOf(List.of(30, 60, 100))),
        random.oneOf(List.of(300L, 600L, 3_000L, 20_000L)),
        Duration.ofSeconds(60),
        Duration.ofMillis(random.oneOf(List.of(1_000, 2_000, 3_000))),
        EnumSet.allOf(FaultClass.class));
  }

  /// As [#drawn], for eventual keyspaces: one whose conflicts stay as siblings, and one where the
  /// latest wins.
  ///
  /// @param machines 3 to 7; 0 for what the seed says
  public static SimulationOptions drawnForEventual(long seed, int machines) {
    var random = new SeededRandomness(seed ^ 0x6576656e7475616cL);
    int drawn = random.chance(30) ? 6 + random.nextInt(2) : 3 + random.nextInt(3);
    return new SimulationOptions(
        Subject.EVENTUAL,
        machines == 0 ? drawn : machines,
        2,
        6 + random.nextInt(6),
        random.oneOf(List.of(100_000L, 250_000L, 400_000L)),
        Duration.ofMillis(random.oneOf(List.of(30, 60, 100))),
        random.oneOf(List.of(300L, 600L, 3_000L, 20_000L)),
        Duration.ofSeconds(60),
        Duration.ofMillis(random.oneOf(List.of(500, 1_000, 2_000, 3_000))),
        EVENTUAL_FAULTS);
  }

  public SimulationOptions withFaults(Set<FaultClass> classes) {
    return new SimulationOptions(
        subject,
        machines,
        keyspaces,
        clients,
        thinkMicrosMax,
        tick,
        latencyMicrosMax,
        duration,
        gap,
        classes);
  }

  /// @param pause between two faults
  public SimulationOptions withTimes(Duration newTick, Duration newDuration, Duration pause) {
    return new SimulationOptions(
        subject,
        machines,
        keyspaces,
        clients,
        thinkMicrosMax,
        newTick,
        latencyMicrosMax,
        newDuration,
        pause,
        faults);
  }

  public SimulationOptions withClients(int count, long thinkMicros, long latencyMicros) {
    return new SimulationOptions(
        subject,
        machines,
        keyspaces,
        count,
        thinkMicros,
        tick,
        latencyMicros,
        duration,
        gap,
        faults);
  }

  /// The command line that runs these seeds with options as drawn.
  ///
  /// @param machinesOrDraw 0 for what each seed says
  public static String command(long seed, long seeds, int machinesOrDraw, Subject subject) {
    return "henge sim --seed "
        + seed
        + " --seeds "
        + seeds
        + (machinesOrDraw == 0 ? "" : " --nodes " + machinesOrDraw)
        + subject.option;
  }

  /// Bounds so small that every run meets them: an image every few dozen entries, a window of a few
  /// messages with a few entries each.
  ///
  /// @param leases whether leaders may answer by them
  public GroupOptions groupOptions(boolean leases) {
    RaftOptions usual = RaftOptions.DEFAULT;
    var raft =
        new RaftOptions(
            usual.electionTicks(),
            usual.heartbeatTicks(),
            600,
            8_000,
            8,
            64 << 10,
            200,
            usual.quiesceTicks(),
            leases);
    GroupOptions defaults = GroupOptions.defaults();
    GroupOptions.Timing timing = defaults.timing();
    return defaults
        .with(new GroupOptions.Timing(tick, raft, timing.holdTicks(), timing.driftPermille()))
        .with(
            new GroupOptions.Bounds(
                64 << 10, 4_000, 64 << 10, 500, 256 << 10, 2_000, 3_000, 64 << 10))
        .with(new GroupOptions.Images(400, 1 << 20, 2, Duration.ofSeconds(3)));
  }
}
