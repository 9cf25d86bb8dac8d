package dev.henge.base;

import java.io.IOException;
import java.nio.ByteBuffer;

/// An open file, read and written by position.
///
/// - Threads: reads from any thread; one writer at a time.
/// - Lifetime: whoever opened it closes it; closing does not sync.
public interface DiskFile extends AutoCloseable {
  /// Fills `target` from `offset` on, short only at the end of the file.
  ///
  /// @return bytes read; 0 at or past the end
  int read(long offset, ByteBuffer target) throws IOException;

  /// Whether the system holds `bytes` from `offset` on in memory, so that reading them now will not
  /// wait for the device. A hint: never blocks, and false where it cannot be known.
  default boolean isResident(long offset, int bytes) {
    return false;
  }

  /// Writes all that remains in `source` at `offset`, growing the file where needed.
  void write(long offset, ByteBuffer source) throws IOException;

  /// Makes the content durable. After a failure the state of unsynced bytes is unknown for ever:
  /// the caller must stop writing, never sync again and call it good.
  void sync() throws IOException;

  /// Cuts the file to `bytes`; no effect when it is shorter.
  void truncate(long bytes) throws IOException;

  long size() throws IOException;

  @Override
  void close() throws IOException;
}
