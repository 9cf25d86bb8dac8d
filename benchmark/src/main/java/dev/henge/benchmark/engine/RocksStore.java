package dev.henge.benchmark.engine;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteOptions;

/// RocksDB through its own Java binding, with the calls of it that copy least.
final class RocksStore implements Store {
  private static final int BACKGROUND_JOBS = 2;
  private static final long POLL_NANOS = 20_000_000;

  private final LRUCache cache;
  private final BloomFilter filter;
  private final Options options;
  private final ReadOptions readOptions = new ReadOptions();
  private final WriteOptions writeOptions;
  private final RocksDB database;

  private RocksStore(Settings settings) throws RocksDBException {
    cache = new LRUCache(settings.cacheBytes());
    filter = new BloomFilter(BLOOM_BITS_PER_KEY);
    options =
        new Options()
            .setCreateIfMissing(true)
            .setWriteBufferSize(MEMTABLE_BYTES)
            .setTargetFileSizeBase(TABLE_BYTES)
            .setMaxBytesForLevelBase(LEVEL_BASE_BYTES)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setMaxBackgroundJobs(BACKGROUND_JOBS)
            .setTableFormatConfig(
                new BlockBasedTableConfig()
                    .setBlockSize(BLOCK_BYTES)
                    .setBlockCache(cache)
                    .setFilterPolicy(filter));
    writeOptions = new WriteOptions().setSync(settings.synced());
    database = RocksDB.open(options, settings.directory().toString());
  }

  static Store open(Settings settings) throws IOException {
    RocksDB.loadLibrary();
    try {
      return new RocksStore(settings);
    } catch (RocksDBException e) {
      throw new IOException(e);
    }
  }

  @Override
  public String describe() {
    return "RocksDB "
        + RocksDB.rocksdbVersion()
        + " (rocksdbjni): block "
        + BLOCK_BYTES
        + ", LRU block cache, LZ4 on every level, full Bloom filter "
        + BLOOM_BITS_PER_KEY
        + " bits, memtable "
        + (MEMTABLE_BYTES >> 20)
        + " MiB, table "
        + (TABLE_BYTES >> 20)
        + " MiB, level base "
        + (LEVEL_BASE_BYTES >> 20)
        + " MiB, "
        + BACKGROUND_JOBS
        + " background jobs, WAL on, sync "
        + (writeOptions.sync() ? "on" : "off")
        + "; all else its default";
  }

  @Override
  public Session session() {
    return new RocksSession();
  }

  @Override
  public void settle() throws IOException {
    try (var flush = new FlushOptions().setWaitForFlush(true)) {
      database.flush(flush);
      while (database.getLongProperty("rocksdb.compaction-pending") != 0
          || database.getLongProperty("rocksdb.num-running-compactions") != 0
          || database.getLongProperty("rocksdb.num-running-flushes") != 0) {
        LockSupport.parkNanos(POLL_NANOS);
      }
    } catch (RocksDBException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    database.close();
    writeOptions.close();
    readOptions.close();
    options.close();
    filter.close();
    cache.close();
  }

  private final class RocksSession implements Session {
    private final byte[] value = new byte[Workload.VALUE_BYTES];
    private final byte[] scannedKey = new byte[Workload.KEY_BYTES];

    @Override
    public void put(byte[] key, byte[] newValue) throws IOException {
      try {
        database.put(writeOptions, key, newValue);
      } catch (RocksDBException e) {
        throw new IOException(e);
      }
    }

    @Override
    public byte @Nullable [] get(byte[] key) throws IOException {
      try {
        int length = database.get(readOptions, key, value);
        return length == RocksDB.NOT_FOUND ? null : value;
      } catch (RocksDBException e) {
        throw new IOException(e);
      }
    }

    @Override
    public long scan(byte[] key, int count) {
      long sum = 0;
      try (RocksIterator iterator = database.newIterator(readOptions)) {
        iterator.seek(key);
        for (int i = 0; i < count && iterator.isValid(); i++) {
          int keyLength = iterator.key(scannedKey);
          int valueLength = iterator.value(value);
          sum += Workload.digest(scannedKey, keyLength) + Workload.digest(value, valueLength);
          iterator.next();
        }
      }
      return sum;
    }

    @Override
    public void close() {}
  }
}
