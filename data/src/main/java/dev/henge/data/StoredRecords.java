package dev.henge.data;

import dev.henge.storage.EngineException;
import java.util.Arrays;

/// Prints what an engine of ours holds, for inspectors.
public final class StoredRecords {
  private StoredRecords() {}

  /// A line for the key and one for the value. What cannot be read is named, and printed as bytes.
  public static String describe(byte[] storedKey, byte[] value) {
    return StoredKey.describe(storedKey) + "\n" + describeValue(storedKey, value);
  }

  /// A line for the value under `storedKey`; what cannot be read is named, and printed as bytes.
  public static String describeValue(byte[] storedKey, byte[] value) {
    if (storedKey.length < StoredKey.HEADER_BYTES) {
      return Printable.of(value);
    }
    try {
      return switch (StoredKey.kind(storedKey)) {
        case StoredKey.OBJECT -> StoredObject.describe(value);
        case StoredKey.DATABASE_IDS ->
            "databases 0-15 are keyspaces " + Arrays.toString(DatabaseIds.ids(value));
        default -> Printable.of(value);
      };
    } catch (EngineException unreadable) {
      return unreadable.getMessage() + ": " + Printable.of(value);
    }
  }
}
