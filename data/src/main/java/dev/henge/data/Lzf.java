package dev.henge.data;

import org.jspecify.annotations.Nullable;

/// Decompresses LZF, with which Redis shortens strings in RDB payloads.
///
/// - Shape: a control byte below 32 is followed by so many bytes plus one; any other has a length
///   in its three highest bits (7: one more byte adds to it), 2 more are copied from a distance
///   given by its five lowest bits and the next byte, plus 1.
final class Lzf {
  /// Three bytes stand for at most 264.
  static final int RATIO_MAX = 88;

  private Lzf() {}

  /// Null where the input is not LZF of exactly `resultBytes` bytes.
  static byte @Nullable [] decompress(byte[] input, int offset, int length, int resultBytes) {
    byte[] result = new byte[resultBytes];
    int position = offset;
    int end = offset + length;
    int out = 0;
    while (position < end) {
      int control = input[position++] & 0xff;
      if (control < 32) {
        int literals = control + 1;
        if (literals > end - position || literals > resultBytes - out) {
          return null;
        }
        System.arraycopy(input, position, result, out, literals);
        position += literals;
        out += literals;
        continue;
      }
      int count = control >> 5;
      if (count == 7) {
        if (position == end) {
          return null;
        }
        count += input[position++] & 0xff;
      }
      count += 2;
      if (position == end) {
        return null;
      }
      int distance = ((control & 0x1f) << 8 | (input[position++] & 0xff)) + 1;
      if (distance > out || count > resultBytes - out) {
        return null;
      }
      for (int i = 0; i < count; i++, out++) { // may overlap itself, which repeats
        result[out] = result[out - distance];
      }
    }
    return out == resultBytes ? result : null;
  }
}
