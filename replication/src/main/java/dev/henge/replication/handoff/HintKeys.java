package dev.henge.replication.handoff;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// Keys of the hints' engine (`FORMAT.md`): a kind, then numbers big-endian, so that the hints of a
/// target are one range.
final class HintKeys {
  /// Kinds. Persisted: never renumber.
  static final byte HINT = 1;

  static final byte USAGE = 2;
  static final byte NEEDS_REPAIR = 3;
  static final byte[] RUNNING_TIME = {4};

  private static final int TARGET_BYTES = 1 + Long.BYTES;
  private static final int HINT_HEAD_BYTES = TARGET_BYTES + Integer.BYTES;

  private HintKeys() {}

  static byte[] hint(long target, int keyspaceId, byte[] key) {
    return ByteBuffer.allocate(HINT_HEAD_BYTES + key.length)
        .put(HINT)
        .putLong(target)
        .putInt(keyspaceId)
        .put(key)
        .array();
  }

  static byte[] ofMember(byte kind, long member) {
    return ByteBuffer.allocate(TARGET_BYTES).put(kind).putLong(member).array();
  }

  static byte[] needsRepair(long member, int keyspaceId, int slot) {
    return ByteBuffer.allocate(HINT_HEAD_BYTES + Short.BYTES)
        .put(NEEDS_REPAIR)
        .putLong(member)
        .putInt(keyspaceId)
        .putShort((short) slot)
        .array();
  }

  static byte[] kind(byte kind) {
    return new byte[] {kind};
  }

  /// Of a key of a hint, a usage, or what needs repair.
  static long member(byte[] stored) {
    return ByteBuffer.wrap(stored).getLong(1);
  }

  /// Of a key of a hint, or of what needs repair.
  static int keyspaceId(byte[] stored) {
    return ByteBuffer.wrap(stored).getInt(TARGET_BYTES);
  }

  static int slot(byte[] stored) {
    return ByteBuffer.wrap(stored).getShort(HINT_HEAD_BYTES) & 0xffff;
  }

  static byte[] userKey(byte[] stored) {
    return Arrays.copyOfRange(stored, HINT_HEAD_BYTES, stored.length);
  }
}
