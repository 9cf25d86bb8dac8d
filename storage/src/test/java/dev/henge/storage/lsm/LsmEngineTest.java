package dev.henge.storage.lsm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.base.system.SystemClock;
import dev.henge.base.system.SystemDisk;
import dev.henge.base.system.SystemThreads;
import dev.henge.storage.Cursor;
import dev.henge.storage.Engine;
import dev.henge.storage.LogMode;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.WriteRefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The engine on a real disk: what goes in comes out, also after flushes, compactions and
/// reopening.
class LsmEngineTest {
  @TempDir Path directory;

  private static final LsmOptions SMALL =
      LsmOptions.defaults()
          .withMemtableBytes(64 << 10)
          .withLogSegmentBytes(64 << 10)
          .withBlocks(512, 4)
          .withLevels(32 << 10, 128 << 10, 4);

  private LsmEngine open(SystemThreads threads) throws IOException {
    return LsmEngine.open(
        directory.resolve("engine"), SMALL, new SystemDisk(), new SystemClock(), threads);
  }

  @Test
  void keepsEverythingOverFlushCompactionAndReopening() throws IOException {
    var model = new TreeMap<String, String>();
    var random = new Random(1);
    try (var threads = new SystemThreads()) {
      for (int round = 0; round < 4; round++) {
        try (LsmEngine engine = open(threads)) {
          check(engine, model);
          for (int i = 0; i < 20_000; i++) {
            String key = "key" + random.nextInt(5_000);
            var batch = new WriteBatch();
            if (random.nextInt(4) == 0) {
              batch.delete(bytes(key));
              model.remove(key);
            } else {
              String value = "value" + random.nextInt();
              batch.put(bytes(key), bytes(value));
              model.put(key, value);
            }
            engine.write(batch, i % 100 == 0 ? LogMode.SYNCED : LogMode.UNSYNCED);
          }
          if (round == 2) {
            engine.write(
                new WriteBatch().deleteRange(bytes("key2"), bytes("key3")), LogMode.SYNCED);
            model.subMap("key2", "key3").clear();
          }
          check(engine, model);
          if (round == 1) {
            engine.compact();
            check(engine, model);
          }
        }
      }
      try (LsmEngine engine = open(threads)) {
        check(engine, model);
        assertTrue(engine.statistics().tableCount() > 0);
      }
    }
  }

  /// A value longer than a chunk of the memtable leaves room behind it that is nobody's.
  @Test
  void smallValuesFollowLongOnesInAMemtable() throws IOException {
    LsmOptions options = SMALL.withMemtableBytes(64 << 20).withLogSegmentBytes(16 << 20);
    try (var threads = new SystemThreads();
        LsmEngine engine =
            LsmEngine.open(
                directory.resolve("engine"),
                options,
                new SystemDisk(),
                new SystemClock(),
                threads)) {
      var random = new Random(2);
      var model = new TreeMap<String, byte[]>();
      for (int i = 0; i < 12; i++) {
        byte[] value = new byte[i % 2 == 0 ? 100 : (1 << 20) + random.nextInt(3 << 20)];
        random.nextBytes(value);
        model.put("key" + i % 5, value);
        engine.write(new WriteBatch().put(bytes("key" + i % 5), value), LogMode.UNSYNCED);
      }
      try (Reader reader = engine.snapshot()) {
        model.forEach((key, value) -> assertArrayEquals(value, reader.get(bytes(key))));
      }
    }
  }

  /// Nobody waits in a call here: the log's thread meets the failure, and must tell.
  @Test
  void whoListensIsToldOfAFailedSync() throws IOException {
    var disk = new SimulatedDisk();
    var clock = new SimulatedClock();
    var simulated = new SimulatedThreads(clock);
    Path home = Path.of("/engine");
    LsmEngine engine =
        simulated.promptly(() -> LsmEngine.open(home, SMALL, disk, clock, simulated));
    disk.observe(
        new SimulatedDisk.Observer() {
          @Override
          public void before(DiskOperation operation) throws IOException {
            if (operation.kind() == DiskOperation.Kind.SYNC) {
              throw new IOException("the device does not answer");
            }
          }
        });
    List<String> told = new ArrayList<>();
    long sequence =
        engine.append(new WriteBatch().put(bytes("key"), bytes("value")), LogMode.SYNCED);
    engine.whenAcknowledged(
        sequence,
        new Engine.AcknowledgeListener() {
          @Override
          public void acknowledged() {
            told.add("acknowledged");
          }

          @Override
          public void unknown(WriteRefusedException stopped) {
            told.add("unknown");
          }
        });
    simulated.runAll();
    assertEquals(List.of("unknown"), told);
    assertTrue(engine.stoppedBy().isPresent());
    simulated.promptly(engine::close);
  }

  private static void check(LsmEngine engine, TreeMap<String, String> model) {
    for (int i = 0; i < 5_000; i++) {
      String expected = model.get("key" + i);
      byte[] found = engine.get(bytes("key" + i));
      if (expected == null) {
        assertNull(found, "key" + i);
      } else {
        assertArrayEquals(bytes(expected), found, "key" + i);
      }
    }
    try (Reader reader = engine.snapshot();
        Cursor cursor = reader.cursor()) {
      cursor.first();
      for (var entry : model.entrySet()) {
        assertTrue(cursor.valid());
        assertEquals(entry.getKey(), text(cursor.key()));
        assertEquals(entry.getValue(), text(cursor.value()));
        cursor.next();
      }
      assertFalse(cursor.valid());
      cursor.last();
      for (var entry : model.descendingMap().entrySet()) {
        assertTrue(cursor.valid());
        assertEquals(entry.getKey(), text(cursor.key()));
        assertEquals(entry.getValue(), text(cursor.value()));
        cursor.previous();
      }
      assertFalse(cursor.valid());
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
