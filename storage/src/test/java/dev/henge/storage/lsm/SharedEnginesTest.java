package dev.henge.storage.lsm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.DiskOperation.Kind;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.system.SystemClock;
import dev.henge.base.system.SystemThreads;
import dev.henge.storage.LogMode;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.lsm.EngineResources.ThreadCounts;
import dev.henge.storage.lsm.table.BlockCache;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Many engines on the same threads and the same budget of memory.
final class SharedEnginesTest {
  private static final int COUNT = 64;
  private static final long MIB = 1 << 20;
  private static final ThreadCounts COUNTS = new ThreadCounts(4, 2, 2, 2);

  private final SimulatedDisk disk = new SimulatedDisk();
  private final SystemThreads threads = new SystemThreads();
  private final EngineResources resources =
      new EngineResources(threads, COUNTS, new BlockCache(8 * MIB), 12 * MIB);
  private final List<LsmEngine> engines = new ArrayList<>();

  @AfterEach
  void stop() throws IOException {
    for (LsmEngine engine : engines) {
      engine.close();
    }
    resources.close();
    threads.close();
  }

  private void open(int count) throws IOException {
    LsmOptions options =
        LsmOptions.defaults().withMemtableBytes(8 * MIB).withLogSegmentBytes(1 << 20);
    for (int i = 0; i < count; i++) {
      Path directory = Path.of("/data/" + i);
      engines.add(LsmEngine.open(directory, options, disk, new SystemClock(), resources));
    }
  }

  @Test
  void threadsDoNotGrowWithEngines() throws IOException {
    open(COUNT);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < COUNT; i++) {
        put(i, "key" + round, 1000);
      }
    }
    for (LsmEngine engine : engines) {
      engine.flush();
      engine.compact();
    }
    long running =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("henge-"))
            .count();
    assertTrue(running <= 10, "threads: " + running);
    for (int i = 0; i < COUNT; i++) {
      assertArrayEquals(value(1000), engines.get(i).get("key1".getBytes(US_ASCII)));
    }
  }

  @Test
  void memtablesOfAllEnginesStayNearTheBudget() throws IOException {
    int count = 6;
    open(count);
    long most = 0;
    for (int round = 0; round < 60; round++) {
      for (int i = 0; i < count; i++) {
        put(i, "key" + round, 100_000);
        most = Math.max(most, resources.memtableBytes());
      }
    }
    // The budget, a chunk for each engine, a quarter more, and the chunks begun meanwhile.
    long bound = (12 + count) * MIB * 5 / 4 + 2 * count * MIB;
    assertTrue(most <= bound, "memtables took " + most + " bytes, more than " + bound);
    assertTrue(
        engines.stream().anyMatch(engine -> engine.statistics().flushCount() > 0),
        "no early flush");
    for (int i = 0; i < count; i++) {
      for (int round = 0; round < 60; round++) {
        assertArrayEquals(value(100_000), engines.get(i).get(("key" + round).getBytes(US_ASCII)));
      }
    }
  }

  /// One engine's table cannot be written for long: others flush, and commits go on everywhere.
  @Test
  void aSlowFlushHoldsUpNoOtherEngine() throws Exception {
    open(3);
    var begun = new CountDownLatch(1);
    var released = new CountDownLatch(1);
    disk.observe(
        new SimulatedDisk.Observer() {
          @Override
          public void before(DiskOperation operation) throws IOException {
            if (operation.kind() == Kind.CREATE
                && operation.names(".sst")
                && operation.path().startsWith("/data/0")) {
              begun.countDown();
              try {
                released.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
            }
          }
        });
    try {
      for (int i = 0; begun.getCount() > 0; i++) {
        put(0, "key" + i, 100_000);
      }
      for (int engine = 1; engine < 3; engine++) {
        for (int i = 0; engines.get(engine).statistics().flushCount() == 0; i++) {
          put(engine, "key" + i, 100_000);
        }
      }
      put(0, "last", 10);
      assertEquals(0, engines.get(0).statistics().flushCount());
    } finally {
      released.countDown();
    }
    assertArrayEquals(value(10), engines.get(0).get("last".getBytes(US_ASCII)));
  }

  private void put(int engine, String key, int bytes) throws IOException {
    var batch = new WriteBatch();
    batch.put(key.getBytes(US_ASCII), value(bytes));
    engines.get(engine).write(batch, LogMode.SYNCED);
  }

  private static byte[] value(int bytes) {
    byte[] value = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      value[i] = (byte) i;
    }
    return value;
  }
}
