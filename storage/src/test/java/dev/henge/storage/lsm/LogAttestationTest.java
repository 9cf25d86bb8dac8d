package dev.henge.storage.lsm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.CorruptionException;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.storage.LogMode;
import dev.henge.storage.WriteBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A log that has become idle says what it synced last: after an unclean stop, damage to its last
/// frame is then no torn tail.
final class LogAttestationTest {
  private static final Path DIRECTORY = Path.of("/data/engine");
  private static final byte[] KEY = "key".getBytes(US_ASCII);
  private static final byte[] VALUE = "value".getBytes(US_ASCII);
  private static final int FIRST_FRAME = 32;
  private static final int FRAME_BYTES = 24 + 1 + 1 + 3 + 1 + 5;

  private final SimulatedDisk disk = new SimulatedDisk();
  private final SimulatedClock clock = new SimulatedClock();
  private final SimulatedThreads threads = new SimulatedThreads(clock);

  private LsmEngine open(SimulatedDisk on) throws IOException {
    on.createDirectories(DIRECTORY);
    on.syncDirectory(Path.of("/"));
    return threads.promptly(() ->
        LsmEngine.open(
            DIRECTORY, LsmOptions.defaults().withLogSegmentBytes(4096), on, clock, threads));
  }

  private void write(LsmEngine engine, LogMode mode) throws IOException {
    var batch = new WriteBatch();
    batch.put(KEY, VALUE);
    engine.write(batch, mode);
  }

  private Path log(SimulatedDisk on) {
    return on.files().stream().filter(file -> file.toString().endsWith(".wal")).findFirst().get();
  }

  @Test
  void everyFlippedBitOfAnIdleLogsLastFrameIsNamed() throws IOException {
    LsmEngine engine = open(disk);
    write(engine, LogMode.SYNCED);
    threads.advance(Duration.ofSeconds(1));
    for (int bit = FIRST_FRAME * 8; bit < (FIRST_FRAME + FRAME_BYTES) * 8; bit++) {
      SimulatedDisk after = disk.killProcess();
      Path log = log(after);
      after.flipBit(log, bit);
      var damage = assertThrows(CorruptionException.class, () -> open(after), "bit " + bit);
      assertTrue(damage.toString().contains(log.toString()), damage.toString());
    }
    assertSound(disk.killProcess());
    for (long seed = 1; seed <= 20; seed++) {
      assertSound(disk.crash(seed));
    }
    threads.promptly(engine::close);
  }

  @Test
  void aBusyLogAttestsWithItsOwnFramesOnly() throws IOException {
    LsmEngine engine = open(disk);
    for (int i = 0; i < 5; i++) {
      write(engine, LogMode.SYNCED);
      threads.advance(Duration.ofMillis(150));
    }
    long written = engine.statistics().logWrites();
    threads.advance(Duration.ofSeconds(10));
    assertEquals(written, engine.statistics().logWrites(), "an attestation is no write of data");
    long operations = disk.operationCount();
    threads.advance(Duration.ofHours(1));
    assertEquals(operations, disk.operationCount(), "an idle log costs nothing");
    threads.promptly(engine::close);
    assertSound(disk);
  }

  @Test
  void whatWasNeverSyncedIsNotAttested() throws IOException {
    LsmEngine engine = open(disk);
    write(engine, LogMode.UNSYNCED);
    long operations = disk.operationCount();
    threads.advance(Duration.ofSeconds(10));
    assertEquals(operations, disk.operationCount());
    engine.syncLog();
    threads.advance(Duration.ofSeconds(1));
    assertTrue(disk.operationCount() > operations + 1);
    write(engine, LogMode.SYNCED);
    assertSound(disk.killProcess());
    threads.promptly(engine::close);
  }

  private void assertSound(SimulatedDisk after) throws IOException {
    LsmEngine engine = open(after);
    assertArrayEquals(VALUE, engine.get(KEY));
    threads.promptly(engine::close);
  }
}
