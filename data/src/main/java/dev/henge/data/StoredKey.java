package dev.henge.data;

import dev.henge.base.Invariant;
import dev.henge.base.Slots;
import java.util.Arrays;

/// The layout of engine keys: keyspace id (4, big-endian), slot (2, big-endian), record kind (1),
/// user key. Keys of one keyspace, and of one slot in it, are therefore one contiguous range in
/// (slot, kind, key) order. `FORMAT.md` beside this file draws it.
///
/// - Invariant: the slot of an object is [Slots#of] its user key.
/// - Threads: stateless; arrays returned are fresh.
public final class StoredKey {
  /// Kinds of record. Persisted: never renumber.
  public static final byte OBJECT = 1;

  /// The record of [DatabaseIds], in [DatabaseIds#SYSTEM_KEYSPACE].
  public static final byte DATABASE_IDS = 2;

  /// How far a replicated group has come, in the same keyspace.
  public static final byte APPLIED = 3;

  /// Answers of a replicated group's newest requests, in the same keyspace, by revision.
  public static final byte REQUEST = 4;

  /// A leaf of the hash tree over a slot of an eventual keyspace; by leaf number.
  public static final byte HASH_LEAF = 5;

  /// What was known of a deleted key of an eventual keyspace when its tombstone was dropped.
  public static final byte GRAVE = 6;

  /// Bytes before the user key.
  public static final int HEADER_BYTES = 7;

  private static final int SLOT_OFFSET = 4;
  private static final int KIND_OFFSET = 6;

  private StoredKey() {}

  /// The key of the object that a user calls `userKey`.
  public static byte[] object(int keyspaceId, byte[] userKey) {
    return of(keyspaceId, Slots.of(userKey), OBJECT, userKey);
  }

  /// The key of a record that the engine's owner keeps for itself.
  public static byte[] system(byte kind, byte[] rest) {
    return of(DatabaseIds.SYSTEM_KEYSPACE, 0, kind, rest);
  }

  /// The key of a leaf, 0-255, of the hash tree over a slot.
  public static byte[] hashLeaf(int keyspaceId, int slot, int leaf) {
    return of(keyspaceId, slot, HASH_LEAF, new byte[] {(byte) leaf});
  }

  /// The key of another record of the key whose object is stored under `objectKey`.
  public static byte[] beside(byte[] objectKey, byte kind) {
    byte[] stored = objectKey.clone();
    stored[KIND_OFFSET] = kind;
    return stored;
  }

  /// Where the records of one kind in a slot begin, inclusive; they end, exclusive, where those of
  /// the next kind begin.
  public static byte[] kindStart(int keyspaceId, int slot, int kind) {
    return of(keyspaceId, slot, (byte) kind, new byte[0]);
  }

  static byte[] of(int keyspaceId, int slot, byte kind, byte[] userKey) {
    Invariant.check(keyspaceId >= 0, "keyspace ids are not negative");
    byte[] stored = new byte[HEADER_BYTES + userKey.length];
    putHead(stored, keyspaceId, slot);
    stored[KIND_OFFSET] = kind;
    System.arraycopy(userKey, 0, stored, HEADER_BYTES, userKey.length);
    return stored;
  }

  /// Where the keys of a keyspace begin, inclusive.
  public static byte[] keyspaceStart(int keyspaceId) {
    return slotStart(keyspaceId, 0);
  }

  /// Where they end, exclusive.
  public static byte[] keyspaceEnd(int keyspaceId) {
    return slotStart(keyspaceId + 1, 0);
  }

  /// Where the keys of a slot begin, inclusive; slot [Slots#COUNT] is where the last one ends.
  public static byte[] slotStart(int keyspaceId, int slot) {
    byte[] start = new byte[KIND_OFFSET];
    putHead(start, keyspaceId, slot);
    return start;
  }

  /// Where they end, exclusive.
  public static byte[] slotEnd(int keyspaceId, int slot) {
    return slotStart(keyspaceId, slot + 1);
  }

  /// The first key behind all keys that begin with `storedPrefix`.
  static byte[] afterPrefix(byte[] storedPrefix) {
    int last = storedPrefix.length - 1;
    while (storedPrefix[last] == (byte) 0xff) {
      last--; // ends at the latest in the record kind
    }
    byte[] after = Arrays.copyOf(storedPrefix, last + 1);
    after[last]++;
    return after;
  }

  public static int keyspaceId(byte[] storedKey) {
    return (storedKey[0] & 0xff) << 24
        | (storedKey[1] & 0xff) << 16
        | (storedKey[2] & 0xff) << 8
        | (storedKey[3] & 0xff);
  }

  public static int slot(byte[] storedKey) {
    return (storedKey[SLOT_OFFSET] & 0xff) << 8 | (storedKey[SLOT_OFFSET + 1] & 0xff);
  }

  public static byte kind(byte[] storedKey) {
    return storedKey[KIND_OFFSET];
  }

  /// A copy of the user key.
  public static byte[] userKey(byte[] storedKey) {
    return Arrays.copyOfRange(storedKey, HEADER_BYTES, storedKey.length);
  }

  /// One line for a person, also of keys that are none of ours.
  public static String describe(byte[] storedKey) {
    if (storedKey.length < HEADER_BYTES) {
      return "not a stored key: " + Printable.of(storedKey);
    }
    String kind =
        switch (kind(storedKey)) {
          case OBJECT -> "object";
          case DATABASE_IDS -> "database ids";
          case APPLIED -> "applied";
          case REQUEST -> "request";
          case HASH_LEAF -> "hash leaf";
          case GRAVE -> "grave";
          default -> "kind " + (kind(storedKey) & 0xff);
        };
    return "keyspace %d slot %d %s %s"
        .formatted(
            Integer.toUnsignedLong(keyspaceId(storedKey)),
            slot(storedKey),
            kind,
            Printable.of(userKey(storedKey)));
  }

  private static void putHead(byte[] stored, int keyspaceId, int slot) {
    stored[0] = (byte) (keyspaceId >>> 24);
    stored[1] = (byte) (keyspaceId >>> 16);
    stored[2] = (byte) (keyspaceId >>> 8);
    stored[3] = (byte) keyspaceId;
    stored[SLOT_OFFSET] = (byte) (slot >>> 8);
    stored[SLOT_OFFSET + 1] = (byte) slot;
  }
}
