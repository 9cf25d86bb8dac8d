package dev.henge.benchmark.engine;

import com.sun.management.OperatingSystemMXBean;
import dev.henge.base.system.SystemClock;
import dev.henge.base.system.SystemDisk;
import dev.henge.base.system.SystemThreads;
import dev.henge.storage.Access;
import dev.henge.storage.Cursor;
import dev.henge.storage.Engine;
import dev.henge.storage.LogMode;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.lsm.LsmEngine;
import dev.henge.storage.lsm.LsmOptions;
import dev.henge.storage.lsm.table.Compression;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Henge's LSM engine as an embedding program uses it.
final class HengeStore implements Store {
  private static final int LEVEL_RATIO = 10;
  private static final int RESTART_INTERVAL = 16;
  private static final long POLL_NANOS = 50_000_000;

  /// Processor time below which a pause counts as idle.
  private static final long IDLE_CPU_NANOS = 5_000_000;

  private final boolean synced;
  private final SystemThreads threads = new SystemThreads();
  private final Engine engine;

  private HengeStore(Settings settings) throws IOException {
    synced = settings.synced();
    LsmOptions options =
        LsmOptions.defaults()
            .withMemtableBytes(MEMTABLE_BYTES)
            .withBlocks(BLOCK_BYTES, RESTART_INTERVAL)
            .withBloomBitsPerKey(BLOOM_BITS_PER_KEY)
            .withBlockCacheBytes(settings.cacheBytes())
            .withCompression(Compression.LZ4)
            .withLevels(TABLE_BYTES, LEVEL_BASE_BYTES, LEVEL_RATIO);
    engine =
        LsmEngine.open(settings.directory(), options, new SystemDisk(), new SystemClock(), threads);
  }

  static Store open(Settings settings) throws IOException {
    return new HengeStore(settings);
  }

  @Override
  public String describe() {
    return "Henge, LSM engine: block "
        + BLOCK_BYTES
        + ", block cache, LZ4 on every level, Bloom filter "
        + BLOOM_BITS_PER_KEY
        + " bits, memtable "
        + (MEMTABLE_BYTES >> 20)
        + " MiB, table "
        + (TABLE_BYTES >> 20)
        + " MiB, level base "
        + (LEVEL_BASE_BYTES >> 20)
        + " MiB, 1 thread to flush and 1 to compact, log on, sync "
        + (synced ? "on" : "off");
  }

  @Override
  public Session session() {
    return new HengeSession();
  }

  @Override
  public void settle() throws IOException {
    engine.flush();
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpuNanos = system.getProcessCpuTime();
    long before;
    do {
      before = cpuNanos;
      LockSupport.parkNanos(POLL_NANOS);
      cpuNanos = system.getProcessCpuTime();
    } while (cpuNanos - before > IDLE_CPU_NANOS);
  }

  @Override
  public void close() throws IOException {
    engine.close();
    threads.close();
  }

  private final class HengeSession implements Session {
    private final WriteBatch batch = new WriteBatch();

    @Override
    public void put(byte[] key, byte[] value) throws IOException {
      batch.clear();
      batch.put(key, value);
      engine.write(batch, synced ? LogMode.SYNCED : LogMode.UNSYNCED);
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
      return engine.get(key);
    }

    @Override
    public long scan(byte[] key, int count) {
      long sum = 0;
      try (Reader reader = engine.reader(0, Access.DISK);
          Cursor cursor = reader.cursor()) {
        cursor.seek(key);
        for (int i = 0; i < count && cursor.valid(); i++) {
          byte[] foundKey = cursor.key();
          byte[] foundValue = cursor.value();
          sum +=
              Workload.digest(foundKey, foundKey.length)
                  + Workload.digest(foundValue, foundValue.length);
          cursor.next();
        }
      }
      return sum;
    }

    @Override
    public void close() {}
  }
}
