package dev.henge.storage.lsm.table;

import dev.henge.base.LittleEndian;
import java.util.Arrays;

/// A growing byte array with the encodings that tables and manifests share.
///
/// - Threads: one at a time. Reusable after [#clear].
public final class ByteSink {
  byte[] bytes;
  int length;

  public ByteSink(int initialBytes) {
    bytes = new byte[initialBytes];
  }

  /// Borrowed until the next change; valid in `[0, length())`.
  public byte[] array() {
    return bytes;
  }

  public int length() {
    return length;
  }

  public void clear() {
    length = 0;
  }

  public void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }

  public void varint(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  public void int32(int value) {
    ensure(4);
    LittleEndian.putInt(bytes, length, value);
    length += 4;
  }

  public void raw(byte[] source, int offset, int count) {
    ensure(count);
    System.arraycopy(source, offset, bytes, length, count);
    length += count;
  }

  public void slice(byte[] source) {
    varint(source.length);
    raw(source, 0, source.length);
  }
}
