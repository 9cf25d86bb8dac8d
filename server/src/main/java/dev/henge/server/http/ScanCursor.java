package dev.henge.server.http;

import dev.henge.base.Slots;
import dev.henge.data.ScanPosition;
import java.nio.ByteBuffer;
import java.util.Base64;

/// A scan's position as text that clients hand back and do not read: base64url of a version byte,
/// the slot (2 bytes, big-endian), whether a key follows (1), and the key.
final class ScanCursor {
  private static final byte VERSION = 1;
  private static final int HEAD_BYTES = 4;

  private ScanCursor() {}

  static String write(ScanPosition position) {
    byte[] key = position.afterKey();
    ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + (key == null ? 0 : key.length));
    bytes.put(VERSION).putShort((short) position.slot()).put((byte) (key == null ? 0 : 1));
    if (key != null) {
      bytes.put(key);
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  static ScanPosition read(String text) {
    byte[] decoded;
    try {
      decoded = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw bad();
    }
    ByteBuffer bytes = ByteBuffer.wrap(decoded);
    if (decoded.length < HEAD_BYTES || bytes.get() != VERSION) {
      throw bad();
    }
    int slot = bytes.getShort();
    boolean hasKey = bytes.get() == 1;
    if (slot < 0 || slot >= Slots.COUNT || hasKey != bytes.hasRemaining()) {
      throw bad();
    }
    if (!hasKey) {
      return new ScanPosition(slot, null);
    }
    byte[] key = new byte[bytes.remaining()];
    bytes.get(key);
    return new ScanPosition(slot, key);
  }

  private static Problem bad() {
    return Status.BAD_REQUEST.because("cursor is none that this server gave");
  }
}
