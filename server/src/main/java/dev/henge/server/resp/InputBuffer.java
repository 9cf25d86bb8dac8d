package dev.henge.server.resp;

import java.nio.ByteBuffer;

/// Bytes that have arrived and could not be decoded yet; nothing while there are none.
///
/// - Threads: that of its owner.
final class InputBuffer {
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

  /// An emptied buffer above this is given up.
  private static final int KEPT_BYTES = 4 << 10;

  private ByteBuffer bytes = EMPTY.duplicate();

  /// The bytes from its position on; reading moves the position.
  ByteBuffer view() {
    return bytes;
  }

  int count() {
    return bytes.remaining();
  }

  /// Copies what remains in `more` behind what is here.
  void append(ByteBuffer more) {
    int rest = bytes.remaining();
    long needed = (long) rest + more.remaining();
    if (bytes.capacity() - bytes.limit() < more.remaining()) {
      ByteBuffer target = bytes;
      if (needed > bytes.capacity()) {
        target = ByteBuffer.allocate(Math.toIntExact(Math.max(512, needed * 5 / 4)));
        target.put(bytes);
        target.flip();
        bytes = target;
      } else {
        bytes.compact();
        bytes.flip();
      }
    }
    int end = bytes.limit();
    bytes.limit(end + more.remaining());
    bytes.put(end, more, more.position(), more.remaining());
    more.position(more.limit());
  }

  /// Gives the buffer up where it holds nothing.
  void tidy() {
    if (!bytes.hasRemaining()) {
      if (bytes.capacity() > KEPT_BYTES) {
        bytes = EMPTY.duplicate();
      } else {
        bytes.clear();
        bytes.limit(0);
      }
    }
  }

  void clear() {
    bytes = EMPTY.duplicate();
  }
}
