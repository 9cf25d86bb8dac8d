package dev.henge.simulation.fault;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.simulation.world.Machine;
import dev.henge.simulation.world.World;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Does faults to a target, one at a time or several at once, and undoes them.
///
/// - Bound: damage and loss of disks strike one machine at a time, until it holds everything again:
///   no cluster survives more than a minority of them.
/// - Threads: the simulation's.
final class Faults {
  private static final Duration SHORTEST = Duration.ofMillis(10);

  private final World world;
  private final SeededRandomness random;
  private final Target target;
  private final MemberFaults members;
  private final NetworkFaults network;
  private final TreeSet<Integer> damaged = new TreeSet<>();
  private boolean healed;

  /// @param votersMin of any group
  Faults(World world, SeededRandomness random, Target target, int votersMin) {
    this.world = world;
    this.random = random;
    this.target = target;
    this.members = new MemberFaults(world, random.split(), target, votersMin, this::crashAndReturn);
    this.network = new NetworkFaults(world, random.split(), target);
  }

  /// @return whether it came about; not when nothing was there to do it to
  boolean inject(FaultClass kind) {
    return switch (kind) {
      case KILL ->
          withRunning(machine -> {
            target.machine(machine).kill();
            returnLater(machine);
          });
      case STOP ->
          withRunning(machine -> {
            target.stop(machine);
            returnLater(machine);
          });
      case PAUSE -> withRunning(machine -> target.machine(machine).pause(time(8_000)));
      case SLOW_PROCESSOR ->
          withRunning(machine -> {
            target.machine(machine).slowDown(10);
            later(time(8_000), () -> target.machine(machine).slowDown(1));
          });
      case POWER_LOSS -> withRunning(this::powerLoss);
      case FAILED_SYNC ->
          withRunning(machine -> {
            target.machine(machine).diskFaults().failNextSync();
            // A node whose disk failed has stopped writing; whoever watches it starts it again.
            later(time(3_000), () -> crashAndReturn(machine));
          });
      case FULL_DISK -> withRunning(this::fullDisk);
      case FLIPPED_BIT -> withHealthy(this::flipBit);
      case SLOW_DISK ->
          withRunning(machine -> {
            target.machine(machine).diskFaults().slowDown(10 + random.nextInt(40));
            later(time(8_000), () -> target.machine(machine).diskFaults().slowDown(1));
          });
      case LOST_DISK -> withHealthy(this::loseDisk);
      case UNRULY_NETWORK, PARTITION, BAD_LINK -> network.inject(kind);
      case CLOCK -> withRunning(machine -> wrongClock(target.machine(machine)));
      case MEMBERS, TRANSFER, MEMBERS_AND_FAILOVER -> members.inject(kind);
    };
  }

  void healAll() {
    healed = true;
    target.network().heal();
    for (int i = 0; i < target.machineCount(); i++) {
      Machine machine = target.machine(i);
      machine.slowDown(1);
      machine.clockRates(1, 1);
      machine.diskFaults().heal();
      machine.disk().capacity(SimulatedDisk.UNBOUNDED);
      if (machine.running() == null) {
        target.start(i);
      } else if (machine.diskFaults().hasFailed()) {
        machine.kill();
        startAgain(i);
      }
    }
  }

  private void powerLoss(int machine) {
    if (random.chance(60)) {
      target.machine(machine).diskFaults().losePowerAfter(random.nextInt(40));
      // Should nothing be written, the power goes all the same.
      later(
          time(2_000),
          () -> {
            if (target.machine(machine).diskFaults().awaitsPowerLoss()) {
              target.machine(machine).diskFaults().losePowerAfter(-1);
              target.machine(machine).losePower();
            }
            returnLater(machine);
          });
    } else {
      target.machine(machine).losePower();
      returnLater(machine);
    }
  }

  private void fullDisk(int machine) {
    var disk = target.machine(machine).disk();
    disk.capacity(disk.usedBytes() + random.nextInt(20_000));
    later(time(5_000), () -> target.machine(machine).disk().capacity(SimulatedDisk.UNBOUNDED));
  }

  private void flipBit(int machine) {
    var hardware = target.machine(machine);
    hardware.kill();
    List<Path> files = hardware.disk().files().stream().filter(this::holdsBytes).toList();
    @Nullable Path file = files.isEmpty() ? null : random.oneOf(files);
    if (file != null) {
      damaged.add(machine);
      try {
        int bytes = hardware.disk().content(file).length;
        if (bytes > 0) {
          target.damaged(machine);
          hardware.disk().flipBit(file, random.nextInt(bytes) * 8L + random.nextInt(8));
        }
      } catch (java.io.IOException gone) {
        throw new IllegalStateException("a file that was just listed", gone);
      }
    }
    returnLater(machine);
  }

  private boolean holdsBytes(Path file) {
    return !file.getFileName().toString().equals("LOCK");
  }

  private void loseDisk(int machine) {
    damaged.add(machine);
    target.machine(machine).kill();
    target.machine(machine).replaceDisk();
    target.replace(machine);
    returnLater(machine);
  }

  private void wrongClock(Machine machine) {
    switch (random.nextInt(3)) {
      case 0 -> machine.jumpWallClock(Duration.ofMillis(random.between(-3_600_000, 3_600_000)));
      case 1 -> machine.jumpWallClock(Duration.ofMillis(random.between(-500, 500)));
      default -> {
        // Consensus may rely on clocks that count time to within some percent.
        double monotonic = 1 + random.between(-20, 20) / 1_000.0;
        machine.clockRates(monotonic, 1 + random.between(-300, 300) / 1_000.0);
        later(time(20_000), () -> machine.clockRates(1, 1));
      }
    }
  }

  private void crashAndReturn(int machine) {
    if (target.machine(machine).running() != null) {
      target.machine(machine).kill();
      returnLater(machine);
    }
  }

  private void returnLater(int machine) {
    world.after(time(6_000), () -> startAgain(machine));
  }

  private void startAgain(int machine) {
    if (target.machine(machine).running() == null) {
      target.start(machine);
    }
  }

  private void later(Duration delay, Runnable end) {
    world.after(
        delay,
        () -> {
          if (!healed) {
            end.run();
          }
        });
  }

  private interface OnMachine {
    void inject(int machine);
  }

  private boolean withRunning(OnMachine fault) {
    List<Integer> running = running();
    if (running.isEmpty()) {
      return false;
    }
    fault.inject(random.oneOf(running));
    return true;
  }

  /// One that runs, while no other is damaged.
  private boolean withHealthy(OnMachine fault) {
    damaged.removeIf(target::isCaughtUp);
    if (!damaged.isEmpty()) {
      return false;
    }
    List<Integer> able = running().stream().filter(target::mayBeDamaged).toList();
    if (able.isEmpty()) {
      return false;
    }
    fault.inject(random.oneOf(able));
    return true;
  }

  private List<Integer> running() {
    return new ArrayList<>(
        IntStream.range(0, target.machineCount())
            .filter(i -> target.machine(i).running() != null)
            .boxed()
            .toList());
  }

  /// Short times are as frequent as long ones.
  private Duration time(long millisMax) {
    double exponent = random.nextInt(1_001) / 1_000.0;
    double millis =
        SHORTEST.toMillis() * Math.pow((double) millisMax / SHORTEST.toMillis(), exponent);
    return Duration.ofMillis((long) millis);
  }
}
