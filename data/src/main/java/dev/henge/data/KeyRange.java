package dev.henge.data;

import java.util.Arrays;

/// A contiguous range of stored keys of one keyspace, to be walked.
///
/// @param start inclusive
/// @param end exclusive
@SuppressWarnings("ArrayRecordComponent") // never compared
record KeyRange(int keyspaceId, byte[] start, byte[] end) {
  static KeyRange ofKeyspace(int keyspaceId) {
    return new KeyRange(
        keyspaceId, StoredKey.keyspaceStart(keyspaceId), StoredKey.keyspaceEnd(keyspaceId));
  }

  static KeyRange ofSlot(int keyspaceId, int slot) {
    return new KeyRange(
        keyspaceId, StoredKey.slotStart(keyspaceId, slot), StoredKey.slotEnd(keyspaceId, slot));
  }

  /// The smallest range that holds every key beginning with all of `prefixes`: of one slot where a
  /// prefix holds a whole `{tag}`, else the keyspace.
  static KeyRange of(int keyspaceId, byte[]... prefixes) {
    for (byte[] prefix : prefixes) {
      if (holdsTag(prefix)) {
        byte[] start = StoredKey.object(keyspaceId, prefix);
        return new KeyRange(keyspaceId, start, StoredKey.afterPrefix(start));
      }
    }
    return ofKeyspace(keyspaceId);
  }

  /// What is left of the range behind `position`.
  KeyRange from(ScanPosition position) {
    byte[] key = position.afterKey();
    byte[] from =
        key == null
            ? StoredKey.slotStart(keyspaceId, position.slot())
            : StoredKey.of(
                keyspaceId,
                position.slot(),
                StoredKey.OBJECT,
                Arrays.copyOf(key, key.length + 1)); // the next key there can be
    return Arrays.compareUnsigned(from, start) <= 0 ? this : new KeyRange(keyspaceId, from, end);
  }

  /// Whether every key that begins so has the slot of the prefix.
  private static boolean holdsTag(byte[] prefix) {
    int open = 0;
    while (open < prefix.length && prefix[open] != '{') {
      open++;
    }
    int close = open + 1;
    while (close < prefix.length && prefix[close] != '}') {
      close++;
    }
    return close < prefix.length && close > open + 1;
  }
}
