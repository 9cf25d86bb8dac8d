package dev.henge.data.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Writes numbers and byte strings one after another into an array that grows.
///
/// - Shape: varint: 7 bits a byte, lowest first, the highest bit says that more follow. A signed
///   number is a varint of its zigzag form. A byte string is its length as varint, then its bytes.
/// - Threads: one. Reusable after [#clear].
public final class CodecWriter {
  private byte[] bytes;
  private int length;

  public CodecWriter(int initialBytes) {
    bytes = new byte[Math.max(16, initialBytes)];
  }

  public CodecWriter one(int value) {
    ensure(1);
    bytes[length++] = (byte) value;
    return this;
  }

  /// Up to eight facts in one byte, the first in the lowest bit.
  public CodecWriter flags(boolean... facts) {
    int value = 0;
    for (int i = 0; i < facts.length; i++) {
      value |= facts[i] ? 1 << i : 0;
    }
    return one(value);
  }

  /// A number that is seldom negative (then it takes 10 bytes).
  public CodecWriter varint(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
    return this;
  }

  public CodecWriter signed(long value) {
    return varint(value << 1 ^ value >> 63);
  }

  /// The bytes without a length.
  public CodecWriter raw(byte[] source) {
    return raw(source, 0, source.length);
  }

  public CodecWriter raw(byte[] source, int offset, int count) {
    ensure(count);
    System.arraycopy(source, offset, bytes, length, count);
    length += count;
    return this;
  }

  public CodecWriter bytes(byte[] source) {
    return varint(source.length).raw(source);
  }

  /// A text as the byte string of its UTF-8.
  public CodecWriter text(String text) {
    return bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Their count, then each.
  public CodecWriter bytesList(List<byte[]> sources) {
    varint(sources.size());
    for (byte[] source : sources) {
      bytes(source);
    }
    return this;
  }

  public int byteCount() {
    return length;
  }

  public void clear() {
    length = 0;
  }

  /// A copy of what was written.
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      int needed = Math.addExact(length, more);
      bytes = Arrays.copyOf(bytes, (int) Math.min(1L << 30, Math.max(needed, 2L * bytes.length)));
    }
  }
}
