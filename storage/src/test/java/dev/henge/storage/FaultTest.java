package dev.henge.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.DiskFullException;
import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// One operation of the disk fails, at every place in a workload; or the disk is full for a while.
///
/// `-Dfault.runs=N` sets how many workloads, `-Dfault.points=N` how many places in each, `-Dseed=N
/// -Dfault.at=P` repeats one.
@NullMarked
class FaultTest {
  private static final Path PARENT = Path.of("/data");
  private static final Path DIRECTORY = PARENT.resolve("engine");

  @Test
  void anInputOutputErrorAnywhereLosesNothingAcknowledged() throws IOException {
    everywhere(FaultHarness.Fault.INPUT_OUTPUT_ERROR, Seeds.count("fault.points", 250));
  }

  @Test
  void aFailedSyncIsNeverTriedAgain() throws IOException {
    everywhere(FaultHarness.Fault.FAILED_SYNC, Seeds.count("fault.points", 150));
  }

  @Test
  void aFullDiskRefusesWritesAndTheyReturnWithTheSpace() throws IOException {
    int refusals = 0;
    for (long seed : Seeds.of("FaultTest.full", 6)) {
      refusals += fill(seed);
    }
    assertTrue(refusals > 0 || System.getProperty("seed") != null, "no disk was ever full");
  }

  @Test
  void aFullDiskRefusesToOpenAndDamagesNothing() throws IOException {
    EngineMaker maker = OptionSets.lsmSmall();
    var disk = new SimulatedDisk();
    var clock = new SimulatedClock();
    var threads = new SimulatedThreads(clock);
    Engine engine = threads.promptly(() -> maker.open(DIRECTORY, disk, clock, threads));
    engine.write(new WriteBatch().put(bytes("key"), bytes("value")), LogMode.SYNCED);
    threads.promptly(engine::close);
    disk.capacity(disk.usedBytes());
    assertThrows(
        DiskFullException.class,
        () -> threads.promptly(() -> maker.open(DIRECTORY, disk, clock, threads)));
    assertTrue(disk.openFiles().isEmpty(), () -> "left open: " + disk.openFiles());
    disk.capacity(Long.MAX_VALUE / 2);
    Engine again = threads.promptly(() -> maker.open(DIRECTORY, disk, clock, threads));
    assertEquals("value", text(again.get(bytes("key"))));
    threads.promptly(again::close);
  }

  private static void everywhere(FaultHarness.Fault fault, int places) throws IOException {
    int stopped = 0;
    int run = 0;
    for (long seed : Seeds.of("FaultTest." + fault, Seeds.count("fault.runs", 1))) {
      History history = History.random(seed, History.Profile.crash(120, false));
      EngineMaker maker = OptionSets.lsmRandom(seed);
      Long given = Long.getLong("fault.at");
      if (given != null) {
        new FaultHarness(history, maker, fault, given).run();
        continue;
      }
      long operations = new FaultHarness(history, maker, fault, Long.MAX_VALUE).run();
      double step = Math.max(1, (double) operations / places);
      for (double at = 0; at < operations; at += step) {
        var harness = new FaultHarness(history, maker, fault, (long) at);
        harness.run();
        run++;
        stopped += harness.stopped() ? 1 : 0;
      }
    }
    System.out.printf(
        "FaultTest: %s at %d places, the writer stopped at %d%n", fault, run, stopped);
    assertTrue(run == 0 || stopped > 0, "no fault ever stopped a writer");
  }

  /// @return refused writes
  private static int fill(long seed) throws IOException {
    EngineMaker maker = OptionSets.lsmRandom(seed);
    var random = new SplittableRandom(seed);
    var disk = new SimulatedDisk();
    var clock = new SimulatedClock();
    var threads = new SimulatedThreads(clock);
    var ledger = new Ledger();
    disk.createDirectories(PARENT);
    disk.syncDirectory(Path.of("/"));
    String context = "-Dseed=" + seed + ", full disk, options " + maker;
    Engine engine = threads.promptly(() -> maker.open(DIRECTORY, disk, clock, threads));
    int refusals = 0;
    for (int round = 0; round < 3; round++) {
      disk.capacity(disk.usedBytes() + random.nextInt(40_000));
      int refusedBefore = refusals;
      for (int i = 0; i < 1_500 && refusals - refusedBefore < 40; i++) {
        if (!write(engine, ledger, threads, random)) {
          refusals++;
        }
      }
      readAll(engine, ledger, context);
      disk.capacity(Long.MAX_VALUE / 2);
      int tries = 0;
      while (!write(engine, ledger, threads, random)) {
        threads.advance(Duration.ofMillis(100));
        assertTrue(tries++ < 100, context + ": still refused though there is space");
      }
      assertFalse(engine.statistics().diskFull(), context);
      readAll(engine, ledger, context);
    }
    var found = disk.crash(seed);
    threads.promptly(engine::close);
    new RecoveryCheck(maker, wrapped -> wrapped, List.of(bytes("key0"), bytes("key1")))
        .recoverAndGoOn(found, DIRECTORY, ledger, ledger.durable(), seed, context);
    return refusals;
  }

  /// @return false when it was refused because the disk is full
  private static boolean write(
      Engine engine, Ledger ledger, SimulatedThreads threads, SplittableRandom random)
      throws IOException {
    var value = new byte[random.nextInt(600)];
    random.nextBytes(value);
    var batch = new WriteBatch().put(bytes("key" + random.nextInt(200)), value);
    long sequence = ledger.begin(batch, LogMode.SYNCED);
    try {
      PatientAppend.append(engine, threads, batch, LogMode.SYNCED);
    } catch (WriteRefusedException refused) {
      ledger.refused();
      if (refused.reason() != WriteRefusedException.Reason.DISK_FULL) {
        throw refused;
      }
      threads.advance(Duration.ofMillis(20));
      threads.runAll();
      return false;
    }
    engine.await(sequence);
    ledger.acknowledged(sequence);
    threads.run(random.nextInt(3));
    return true;
  }

  private static void readAll(Engine engine, Ledger ledger, String context) {
    try (Reader actual = engine.reader(0, Access.DISK);
        Reader expected = ledger.modelAt(ledger.appended()).snapshot()) {
      new Comparison(context).same(expected, actual, List.of());
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte @Nullable [] bytes) {
    return bytes == null ? "nothing" : new String(bytes, StandardCharsets.UTF_8);
  }
}
