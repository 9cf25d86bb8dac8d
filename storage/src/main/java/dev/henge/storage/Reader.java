package dev.henge.storage;

import org.jspecify.annotations.Nullable;

/// The state of an engine at one sequence number.
///
/// - Threads: one at a time.
/// - Lifetime: opened by an [Engine], closed by the caller, soon: it keeps files and memory from
///   being reused. Only [Engine#snapshot] readers are made to last.
/// - Errors: [EngineException] when the disk fails or lies; [NotInMemoryException] by its [Access].
public interface Reader extends AutoCloseable {
  /// The state that is read.
  long sequence();

  /// The value of `key` (a fresh array, the caller's own), or null when absent.
  byte @Nullable [] get(byte[] key);

  /// A cursor over this state; close it before the reader.
  Cursor cursor();

  @Override
  void close();
}
