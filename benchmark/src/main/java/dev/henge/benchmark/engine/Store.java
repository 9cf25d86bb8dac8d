package dev.henge.benchmark.engine;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// An engine under measurement.
///
/// - Threads: each thread has a [Session] of its own.
interface Store extends AutoCloseable {
  /// @param directory exists; empty, or what an earlier store left there
  /// @param cacheBytes blocks kept in memory by the engine itself
  /// @param bytesMax room that the data may come to need
  /// @param synced whether each write is on the disk before it returns
  record Settings(Path directory, long cacheBytes, long bytesMax, boolean synced) {}

  /// Equal for all engines that have such a thing.
  int BLOCK_BYTES = 4096;

  int BLOOM_BITS_PER_KEY = 10;
  long MEMTABLE_BYTES = 64L << 20;
  long TABLE_BYTES = 64L << 20;
  long LEVEL_BASE_BYTES = 256L << 20;

  /// Name and version of the engine, and how it is set up.
  String describe();

  Session session();

  /// Puts what is in memory into tables and waits until background work has nothing left to do.
  void settle() throws IOException;

  @Override
  void close() throws IOException;

  /// What one thread does to a store.
  interface Session extends AutoCloseable {
    void put(byte[] key, byte[] value) throws IOException;

    /// The value, null when absent; valid until the next call.
    byte @Nullable [] get(byte[] key) throws IOException;

    /// Reads up to `count` pairs from `key` on.
    ///
    /// @return a number made of the bytes of each key and value, so that all of them are read
    long scan(byte[] key, int count) throws IOException;

    @Override
    void close();
  }
}
