package dev.henge.consensus.metadata;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.function.Consumer;

/// Writes the fields of a format one after the other: little-endian numbers, texts and lists with
/// their lengths before them (FORMAT.md).
public final class FieldWriter {
  private byte[] bytes = new byte[256];
  private int length;

  /// The lowest 8 bits of `value`.
  void oneByte(int value) {
    grow(1);
    bytes[length++] = (byte) value;
  }

  public void number(int value) {
    grow(4);
    for (int i = 0; i < 4; i++) {
      bytes[length++] = (byte) (value >>> (8 * i));
    }
  }

  public void number(long value) {
    grow(8);
    for (int i = 0; i < 8; i++) {
      bytes[length++] = (byte) (value >>> (8 * i));
    }
  }

  public void text(String value) {
    byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    number(encoded.length);
    grow(encoded.length);
    System.arraycopy(encoded, 0, bytes, length, encoded.length);
    length += encoded.length;
  }

  /// A choice by its name in lower case.
  public void word(Enum<?> value) {
    text(value.name().toLowerCase(Locale.ROOT));
  }

  public <T> void list(Collection<T> items, Consumer<T> writer) {
    number(items.size());
    items.forEach(writer);
  }

  public byte[] bytes() {
    return Arrays.copyOf(bytes, length);
  }

  private void grow(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
