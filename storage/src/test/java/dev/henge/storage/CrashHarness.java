package dev.henge.storage;

import dev.henge.base.Disk;
import dev.henge.base.simulated.CrashStyle;
import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.NullMarked;

/// Runs a [History] once, and after each operation that changed the disk looks what would be found
/// if the power were lost, or the process killed, right there.
///
/// What is found must open; be the state after some whole batch; hold everything that was
/// acknowledged as durable; take further writes; and survive a second loss, during recovery or
/// after those writes ([RecoveryCheck]).
@NullMarked
final class CrashHarness implements SimulatedDisk.Observer {
  private static final Path PARENT = Path.of("/data");
  private static final Path DIRECTORY = PARENT.resolve("engine");

  /// How often the disk is looked at, and through what.
  ///
  /// @param percent of the operations
  /// @param bug stands between the disk and the engine that runs the history; the identity when no
  ///   bug is planted
  /// @param recovery stands between the disk and the engine that recovers
  record Plan(
      int percent, int lossesPerPoint, UnaryOperator<Disk> bug, UnaryOperator<Disk> recovery) {
    static Plan usual() {
      return new Plan(40, 2, UnaryOperator.identity(), UnaryOperator.identity());
    }

    Plan withBug(UnaryOperator<Disk> planted) {
      return new Plan(percent, lossesPerPoint, planted, recovery);
    }

    Plan withRecovery(UnaryOperator<Disk> wrapper) {
      return new Plan(percent, lossesPerPoint, bug, wrapper);
    }
  }

  private final History history;
  private final EngineMaker maker;
  private final Plan plan;
  private final SimulatedDisk disk = new SimulatedDisk();
  private final Disk engineDisk;
  private final SimulatedClock clock = new SimulatedClock();
  private final SimulatedThreads threads = new SimulatedThreads(clock);
  private final Ledger ledger = new Ledger();
  private final NavigableMap<Path, Long> checkpoints = new TreeMap<>();
  private final int onlyPoint = Integer.getInteger("crash.point", -1);
  private int point;
  private int pointsChecked;
  private int lossesChecked;

  CrashHarness(History history, EngineMaker maker, Plan plan) {
    this.history = history;
    this.maker = maker;
    this.plan = plan;
    this.engineDisk = plan.bug.apply(disk);
  }

  int pointsChecked() {
    return pointsChecked;
  }

  int lossesChecked() {
    return lossesChecked;
  }

  /// @throws AssertionError that tells the point, the options and how to repeat it
  void run() throws IOException {
    disk.createDirectories(PARENT);
    disk.syncDirectory(Path.of("/"));
    disk.observe(this);
    Engine engine = open();
    for (History.Step step : history.steps()) {
      switch (step) {
        case History.Write write -> write(engine, write);
        case History.Await() -> acknowledge(engine);
        case History.SyncLog() -> engine.syncLog();
        case History.Flush() -> threads.promptly(engine::flush);
        case History.Compact() -> threads.promptly(engine::compact);
        case History.Checkpoint() -> checkpoint(engine);
        case History.Background(int tasks) -> {
          threads.run(tasks);
          // A pause in which a log that has become idle attests what it synced last.
          if (tasks % 3 == 0) {
            threads.advance(Duration.ofSeconds(1));
          }
        }
        case History.Reopen() -> engine = reopen(engine);
        case History.Get get -> engine.get(get.key());
        case History.Walk walk -> {}
        case History.OpenSnapshot snapshot -> {}
        case History.WalkSnapshot walk -> {}
        case History.CloseSnapshot snapshot -> {}
      }
      ledger.durable(Math.max(engine.durableSequence(), engine.flushedSequence()));
    }
    threads.promptly(engine::close);
  }

  @Override
  public void after(DiskOperation operation) {
    if (!operation.kind().changesTheDisk()) {
      return;
    }
    int here = point++;
    var random = new SplittableRandom(history.seed() * 31 + here);
    boolean chosen = onlyPoint < 0 ? random.nextInt(100) < plan.percent : here == onlyPoint;
    if (!chosen) {
      return;
    }
    pointsChecked++;
    for (int i = 0; i < plan.lossesPerPoint; i++) {
      boolean killed = random.nextInt(8) == 0;
      long seed = random.nextLong();
      String context =
          "-Dseed=%d -Dcrash.point=%d (%s at %s, %d appended), options %s"
              .formatted(
                  history.seed(),
                  here,
                  killed ? "KILLED" : CrashStyle.of(new SplittableRandom(seed)),
                  operation,
                  ledger.appended(),
                  maker);
      try {
        verify(killed, seed, context);
      } catch (IOException | RuntimeException e) {
        throw new AssertionError(context, e);
      }
      lossesChecked++;
    }
  }

  private void verify(boolean killed, long seed, String context) throws IOException {
    var check = new RecoveryCheck(maker, plan.recovery, history.keys());
    check.recoverAndGoOn(
        killed ? disk.killProcess() : disk.crash(seed),
        DIRECTORY,
        ledger,
        killed ? ledger.kept() : ledger.durable(),
        seed,
        context);
    if (!checkpoints.isEmpty() && seed % 4 == 0) {
      var last = checkpoints.lastEntry();
      check.exactly(
          disk.crash(seed),
          last.getKey(),
          ledger.batches(),
          last.getValue(),
          context + ", checkpoint " + last.getKey());
    }
  }

  private void write(Engine engine, History.Write write) throws IOException {
    long expected = ledger.begin(write.batch(), write.mode());
    long sequence = PatientAppend.append(engine, threads, write.batch(), write.mode());
    new Comparison("-Dseed=" + history.seed())
        .failUnless(sequence == expected, "sequence", expected, sequence);
    if (write.awaited()) {
      acknowledge(engine);
    } else {
      engine.whenAcknowledged(
          expected,
          new Engine.AcknowledgeListener() {
            @Override
            public void acknowledged() {
              ledger.acknowledged(expected);
            }

            @Override
            public void unknown(WriteRefusedException stopped) {
              throw new AssertionError("nothing failed, yet the writer stopped", stopped);
            }
          });
    }
  }

  private void acknowledge(Engine engine) throws IOException {
    long last = engine.lastSequence();
    engine.await(last);
    ledger.acknowledged(last);
  }

  private void checkpoint(Engine engine) throws IOException {
    Path copy = PARENT.resolve("copy-" + checkpoints.size());
    acknowledge(engine);
    long visible = engine.visibleSequence();
    threads.promptly(() -> engine.checkpoint(copy));
    checkpoints.put(copy, visible);
  }

  private Engine reopen(Engine engine) throws IOException {
    if (!history.logged()) {
      threads.promptly(engine::flush);
    }
    threads.promptly(engine::close);
    ledger.durable(ledger.appended());
    return open();
  }

  private Engine open() throws IOException {
    return threads.promptly(() -> maker.open(DIRECTORY, engineDisk, clock, threads));
  }
}
