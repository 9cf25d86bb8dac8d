package dev.henge.data;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.storage.EngineException;
import dev.henge.storage.Reader;
import org.jspecify.annotations.Nullable;

/// Which keyspace each of the databases 0-15 is: SWAPDB swaps ids, not data.
///
/// Stored as one record in keyspace 0, which holds what the engine's owner keeps for itself: a
/// layout version (1) and 16 ids of 4 bytes, big-endian. Without the record database `i` is
/// keyspace `i + 1`.
public final class DatabaseIds {
  public static final int COUNT = 16;

  /// The keyspace of the owner's own records. Persisted: never renumber.
  public static final int SYSTEM_KEYSPACE = 0;

  /// The first id of a named keyspace; ids are never reused. Persisted: never renumber.
  public static final int FIRST_NAMED = 1024;

  private static final byte LAYOUT = 1;
  private static final int RECORD_BYTES = 1 + 4 * COUNT;

  private DatabaseIds() {}

  /// The ids now, a fresh array of [#COUNT].
  public static int[] load(Reader reader) {
    return of(reader.get(storedKey()));
  }

  /// The ids in a stored record; where there is none, those of the beginning.
  public static int[] of(byte @Nullable [] record) {
    if (record != null) {
      return ids(record);
    }
    int[] ids = new int[COUNT];
    for (int database = 0; database < COUNT; database++) {
      ids[database] = database + 1;
    }
    return ids;
  }

  /// The ids in a stored record.
  static int[] ids(byte[] record) {
    check(record);
    int[] ids = new int[COUNT];
    for (int database = 0; database < COUNT; database++) {
      for (int i = 1; i <= 4; i++) {
        ids[database] = ids[database] << 8 | (record[4 * database + i] & 0xff);
      }
    }
    return ids;
  }

  /// The engine key of the record.
  public static byte[] storedKey() {
    return StoredKey.system(StoredKey.DATABASE_IDS, new byte[0]);
  }

  static byte[] record(int[] ids) {
    byte[] record = new byte[RECORD_BYTES];
    record[0] = LAYOUT;
    for (int database = 0; database < COUNT; database++) {
      for (int i = 1; i <= 4; i++) {
        record[4 * database + i] = (byte) (ids[database] >>> (32 - 8 * i));
      }
    }
    return record;
  }

  private static void check(byte[] record) {
    if (record.length > 0 && record[0] != LAYOUT) {
      throw new EngineException(
          new FormatException(
              "the record of database ids has layout %d, which this program does not know: it was"
                      .formatted(record[0] & 0xff)
                  + " written by a newer version of Henge; use that one"));
    }
    if (record.length != RECORD_BYTES) {
      throw new EngineException(
          new CorruptionException(
              "record of database ids",
              0,
              "expected " + RECORD_BYTES + " bytes, found " + record.length));
    }
  }
}
