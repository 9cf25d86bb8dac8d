package dev.henge.data;

import dev.henge.storage.CompactionFilter;
import java.util.function.LongSupplier;

/// Lets compactions drop objects whose expiry has passed; every other kind of record is kept.
///
/// Sound because an expired object is absent to every operation, for ever: an expiry only changes
/// by a write of the whole object. The time is that by which the group's operations are evaluated:
/// for a replicated group that of its log, which never goes back and is the same everywhere; for a
/// local one the wall clock, which when it jumps back can only show the object again to who asks
/// before the compaction.
public final class ExpiredObjects implements CompactionFilter {
  private final LongSupplier nowMillis;

  /// @param nowMillis milliseconds since the epoch; called by compaction threads
  public ExpiredObjects(LongSupplier nowMillis) {
    this.nowMillis = nowMillis;
  }

  @Override
  public boolean isGarbage(
      byte[] keyBytes,
      int keyOffset,
      int keyLength,
      byte[] valueBytes,
      int valueOffset,
      int valueLength) {
    if (keyLength < StoredKey.HEADER_BYTES
        || keyBytes[keyOffset + StoredKey.HEADER_BYTES - 1] != StoredKey.OBJECT) {
      return false;
    }
    long expiryMillis = StoredObject.expiryMillis(valueBytes, valueOffset, valueLength);
    return expiryMillis != 0 && expiryMillis <= nowMillis.getAsLong();
  }
}
