package dev.henge.consensus.strong;

import dev.henge.data.StoredKey;
import dev.henge.data.StoredObject;
import dev.henge.storage.Cursor;
import dev.henge.storage.Reader;
import java.util.zip.CRC32C;

/// A digest of what an engine holds for its users, in the order of the keys.
///
/// Left out is what may differ between replicas that applied the same: objects that have expired (a
/// compaction has dropped them or not yet), and the applied record (which may lag).
final class ContentHash {
  private ContentHash() {}

  static long of(Reader reader, long nowMillis) {
    long hash = 0;
    try (Cursor cursor = reader.cursor()) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        byte[] key = cursor.key();
        byte[] value = cursor.value();
        byte kind = StoredKey.kind(key);
        boolean gone = kind == StoredKey.OBJECT && StoredObject.isExpired(value, nowMillis);
        if (!gone && kind != StoredKey.APPLIED) {
          hash = mix(mix(hash ^ key.length) + crc(key));
          hash = mix(mix(hash ^ value.length) + crc(value));
        }
      }
    }
    return hash;
  }

  /// Spreads every bit over all of them (the finaliser of SplitMix64).
  static long mix(long value) {
    long mixed = value + 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ mixed >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }

  private static long crc(byte[] bytes) {
    var crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    return crc.getValue();
  }
}
