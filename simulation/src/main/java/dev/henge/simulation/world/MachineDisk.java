package dev.henge.simulation.world;

import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.SimulatedDisk;
import java.io.IOException;

/// What a machine's disk costs in time, and how it fails.
///
/// - Threads: the simulation's.
public final class MachineDisk implements SimulatedDisk.Observer {
  static final SimulatedDisk.Observer NOBODY = new SimulatedDisk.Observer() {};

  private final Machine machine;
  private final SeededRandomness random;
  private int slowness = 1;
  private int operationsUntilPowerLoss = -1;
  private boolean failNextSync;
  private boolean failNextOperation;
  private boolean failed;

  MachineDisk(Machine machine, SeededRandomness random) {
    this.machine = machine;
    this.random = random;
  }

  /// Every operation takes `factor` times as long; 1 is usual.
  public void slowDown(int factor) {
    slowness = factor;
  }

  /// The power is lost right after that many further operations that change the disk: within
  /// whatever the node is doing then.
  public void losePowerAfter(int operations) {
    operationsUntilPowerLoss = operations;
  }

  /// Whether a planned loss has not come yet.
  public boolean awaitsPowerLoss() {
    return operationsUntilPowerLoss >= 0;
  }

  /// Whether an operation of the process that runs has failed by an injected fault: it may have
  /// stopped for good.
  public boolean hasFailed() {
    return failed;
  }

  void processBegins() {
    failed = false;
  }

  /// The next sync fails, and forgets what it should have written.
  public void failNextSync() {
    failNextSync = true;
  }

  /// The next read or write fails.
  public void failNextOperation() {
    failNextOperation = true;
  }

  /// Nothing is planned any more.
  public void heal() {
    slowness = 1;
    operationsUntilPowerLoss = -1;
    failNextSync = false;
    failNextOperation = false;
  }

  @Override
  public void before(DiskOperation operation) throws IOException {
    machine.world().charge(slowness * micros(operation) * 1_000L);
    if (machine.running() == null) {
      return;
    }
    switch (operation.kind()) {
      case SYNC, SYNC_DIRECTORY -> {
        if (failNextSync) {
          failNextSync = false;
          failed = true;
          throw new SimulatedDisk.FailedSync(operation.path());
        }
      }
      case READ, WRITE -> {
        if (failNextOperation) {
          failNextOperation = false;
          failed = true;
          throw new IOException("injected: input/output error at " + operation);
        }
      }
      default -> {}
    }
  }

  @Override
  public void after(DiskOperation operation) {
    if (machine.running() != null
        && operationsUntilPowerLoss >= 0
        && operation.kind().changesTheDisk()
        && operationsUntilPowerLoss-- == 0) {
      machine.losePower();
    }
  }

  /// As a disk with a fast sync: what counts is that waiting for it leaves room for others.
  private long micros(DiskOperation operation) {
    return switch (operation.kind()) {
      case SYNC, SYNC_DIRECTORY -> random.between(100, random.chance(5) ? 20_000 : 1_500);
      case READ, WRITE -> random.between(2, 30) + operation.bytes() / 1_000;
      default -> random.between(2, 40);
    };
  }
}
