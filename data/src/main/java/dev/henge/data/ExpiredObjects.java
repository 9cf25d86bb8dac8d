package dev.henge.data;

import dev.henge.base.Clock;
import dev.henge.storage.CompactionFilter;

/// Lets compactions drop objects whose expiry has passed; every other kind of record is kept.
///
/// Sound because an expired object is absent to every operation, for ever: an expiry only changes
/// by a write of the whole object. A wall clock that jumps back can only show the object again to
/// who asks before the compaction.
public final class ExpiredObjects implements CompactionFilter {
  private final Clock clock;

  public ExpiredObjects(Clock clock) {
    this.clock = clock;
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
    return expiryMillis != 0 && expiryMillis <= clock.wallMillis();
  }
}
