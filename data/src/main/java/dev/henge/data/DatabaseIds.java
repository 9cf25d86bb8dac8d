package dev.henge.data;

import dev.henge.storage.Reader;

/// Which keyspace each of the databases 0-15 is: SWAPDB swaps ids, not data.
///
/// Stored as one record in keyspace 0, which holds what the engine's owner keeps for itself: 16 ids of
/// 4 bytes, big-endian. Without the record database `i` is keyspace `i + 1`.
public final class DatabaseIds {
  public static final int COUNT = 16;

  /// The keyspace of the owner's own records. Persisted: never renumber.
  public static final int SYSTEM_KEYSPACE = 0;

  /// The first id of a named keyspace; ids are never reused. Persisted: never renumber.
  public static final int FIRST_NAMED = 1024;

  private DatabaseIds() {}

  /// The ids now, a fresh array of [#COUNT].
  public static int[] load(Reader reader) {
    throw new UnsupportedOperationException("written next");
  }
}
