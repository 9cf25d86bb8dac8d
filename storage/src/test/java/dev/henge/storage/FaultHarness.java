package dev.henge.storage;

import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// Runs a [History] while one operation of the disk fails, and holds the engine to its word:
/// nothing acknowledged is lost, reads go on, and a log whose write or sync failed is left alone
/// for ever.
@NullMarked
final class FaultHarness implements SimulatedDisk.Observer {
  private static final Path PARENT = Path.of("/data");
  private static final Path DIRECTORY = PARENT.resolve("engine");

  enum Fault {
    /// The operation fails, whatever it is.
    INPUT_OUTPUT_ERROR,
    /// The next sync fails, and the system forgets what it should have written.
    FAILED_SYNC
  }

  private final History history;
  private final EngineMaker maker;
  private final Fault fault;
  private final long faultAt;
  private final SimulatedDisk disk = new SimulatedDisk();
  private final SimulatedClock clock = new SimulatedClock();
  private final SimulatedThreads threads = new SimulatedThreads(clock);
  private final Ledger ledger = new Ledger();
  private final Comparison comparison;
  private @Nullable DiskOperation failed;
  private boolean stopped;
  private int readsAfter;

  /// @param faultAt number of the operation that fails; [Long#MAX_VALUE] for none
  FaultHarness(History history, EngineMaker maker, Fault fault, long faultAt) {
    this.history = history;
    this.maker = maker;
    this.fault = fault;
    this.faultAt = faultAt;
    this.comparison =
        new Comparison(
            "-Dseed=%d -Dfault.at=%d %s, options %s"
                .formatted(history.seed(), faultAt, fault, maker));
  }

  /// @return operations of the disk in all
  long run() throws IOException {
    disk.createDirectories(PARENT);
    disk.syncDirectory(Path.of("/"));
    disk.observe(this);
    try {
      Engine engine = open();
      for (History.Step step : history.steps()) {
        tolerate(() -> step(engine, step));
        if (failed != null && readsAfter++ % 8 == 0) {
          read(engine);
        }
      }
      if (stopped) {
        staysStopped(engine);
      }
      tolerate(() -> threads.promptly(engine::close));
      comparison.failUnless(
          disk.openFiles().isEmpty(), "open files after close", "none", disk.openFiles());
      long operations = disk.operationCount();
      recover();
      return operations;
    } catch (IOException | RuntimeException e) {
      throw new AssertionError(comparison.context() + ", failed: " + failed, e);
    }
  }

  boolean stopped() {
    return stopped;
  }

  @Override
  public void before(DiskOperation operation) throws IOException {
    DiskOperation earlier = failed;
    if (earlier != null) {
      boolean touchesFailedLog =
          earlier.names(".wal")
              && earlier.path().equals(operation.path())
              && (earlier.kind() == DiskOperation.Kind.SYNC
                  || earlier.kind() == DiskOperation.Kind.WRITE)
              && (operation.kind() == DiskOperation.Kind.SYNC
                  || operation.kind() == DiskOperation.Kind.WRITE);
      comparison.failUnless(
          !touchesFailedLog, "after " + earlier, "that log left alone", operation);
      return;
    }
    if (operation.index() < faultAt) {
      return;
    }
    if (fault == Fault.FAILED_SYNC) {
      if (operation.kind() == DiskOperation.Kind.SYNC) {
        failed = operation;
        throw new SimulatedDisk.FailedSync(operation.path());
      }
      return;
    }
    failed = operation;
    throw new IOException("injected: " + operation + " failed");
  }

  private Engine open() throws IOException {
    try {
      return threads.promptly(() -> maker.open(DIRECTORY, disk, clock, threads));
    } catch (IOException e) {
      if (failed == null) {
        throw e;
      }
      comparison.failUnless(
          disk.openFiles().isEmpty(),
          "open files after a failed opening",
          "none",
          disk.openFiles());
      failed = null;
      disk.observe(new SimulatedDisk.Observer() {});
      return threads.promptly(() -> maker.open(DIRECTORY, disk, clock, threads));
    }
  }

  private void step(Engine engine, History.Step step) throws IOException {
    switch (step) {
      case History.Write write -> write(engine, write);
      case History.Await() -> acknowledge(engine);
      case History.SyncLog() -> engine.syncLog();
      case History.Flush() -> threads.promptly(engine::flush);
      case History.Compact() -> threads.promptly(engine::compact);
      case History.Background(int tasks) -> threads.run(tasks);
      case History.Get(byte[] key) -> engine.get(key);
      case History.Checkpoint checkpoint -> {}
      case History.Reopen reopen -> {}
      case History.Walk walk -> {}
      case History.OpenSnapshot snapshot -> {}
      case History.WalkSnapshot walk -> {}
      case History.CloseSnapshot snapshot -> {}
    }
    ledger.durable(Math.max(engine.durableSequence(), engine.flushedSequence()));
  }

  private void write(Engine engine, History.Write write) throws IOException {
    ledger.begin(write.batch(), write.mode());
    try {
      PatientAppend.append(engine, threads, write.batch(), write.mode());
    } catch (IOException e) {
      ledger.refused();
      throw e;
    }
    comparison.failUnless(!stopped, "append after the writer stopped", "a refusal", "success");
    if (write.awaited()) {
      acknowledge(engine);
    }
  }

  private void acknowledge(Engine engine) throws IOException {
    long last = engine.lastSequence();
    engine.await(last);
    ledger.acknowledged(last);
  }

  private void tolerate(SimulatedThreads.Blocking call) throws IOException {
    try {
      call.call();
    } catch (WriteRefusedException refused) {
      comparison.failUnless(
          failed != null && refused.reason() == WriteRefusedException.Reason.STOPPED,
          "writing",
          "success",
          refused);
      stopped = true;
    } catch (IOException | EngineException e) {
      if (failed == null) {
        throw e;
      }
    }
  }

  private void read(Engine engine) {
    try (Reader actual = engine.reader(0, Access.DISK)) {
      comparison.failUnless(
          actual.sequence() >= ledger.acknowledged() && ledger.endsBatch(actual.sequence()),
          "state of a reader after the fault",
          "the end of a batch from " + ledger.acknowledged(),
          actual.sequence());
      try (Reader expected = ledger.modelAt(actual.sequence()).snapshot()) {
        comparison.same(expected, actual, history.keys());
      }
    }
  }

  private void staysStopped(Engine engine) {
    for (LogMode mode : LogMode.values()) {
      try {
        engine.append(new WriteBatch().put(new byte[] {1}, new byte[] {2}), mode);
        throw comparison.failure("append after the writer stopped", "a refusal", "success");
      } catch (WriteRefusedException refused) {
        comparison.failUnless(
            refused.reason() == WriteRefusedException.Reason.STOPPED,
            "reason",
            WriteRefusedException.Reason.STOPPED,
            refused.reason());
      }
    }
  }

  private void recover() throws IOException {
    var check = new RecoveryCheck(maker, UnaryOperator.identity(), history.keys());
    String context = comparison.context() + ", failed: " + failed;
    check.recoverAndGoOn(
        disk.killProcess(), DIRECTORY, ledger, ledger.kept(), history.seed(), context + ", killed");
    check.recoverAndGoOn(
        disk.crash(history.seed() + faultAt),
        DIRECTORY,
        ledger,
        ledger.durable(),
        history.seed(),
        context + ", power lost");
  }
}
