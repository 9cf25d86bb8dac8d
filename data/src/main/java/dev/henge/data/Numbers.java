package dev.henge.data;

import java.nio.charset.StandardCharsets;

/// Integers as Redis reads and writes them: the one canonical decimal form, no sign but a minus, no
/// leading zero, no space.
final class Numbers {
  private static final int LONG_CHARACTERS_MAX = 20;

  private Numbers() {}

  /// Whether the bytes are a 64-bit integer in canonical form.
  static boolean isLong(byte[] bytes, int offset, int length) {
    if (length == 0 || length > LONG_CHARACTERS_MAX) {
      return false;
    }
    boolean negative = bytes[offset] == '-';
    int first = offset + (negative ? 1 : 0);
    int digits = length - (negative ? 1 : 0);
    if (digits == 0 || digits > 19) {
      return false;
    }
    if (bytes[first] == '0') {
      return digits == 1 && !negative;
    }
    long value = 0; // below zero, where the range is larger by one
    for (int position = first; position < first + digits; position++) {
      int digit = bytes[position] - '0';
      if (digit < 0 || digit > 9) {
        return false;
      }
      if (value < Long.MIN_VALUE / 10 || value * 10 < Long.MIN_VALUE + digit) {
        return false;
      }
      value = value * 10 - digit;
    }
    return negative || value != Long.MIN_VALUE;
  }

  /// The integer that [#isLong] has recognised.
  static long parse(byte[] bytes, int offset, int length) {
    return Long.parseLong(new String(bytes, offset, length, StandardCharsets.ISO_8859_1));
  }

  static byte[] text(long value) {
    return Long.toString(value).getBytes(StandardCharsets.ISO_8859_1);
  }
}
