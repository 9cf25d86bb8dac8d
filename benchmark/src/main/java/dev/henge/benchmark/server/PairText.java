package dev.henge.benchmark.server;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/// The pairs that servers are loaded with: keys as `redis-benchmark -r` names them (`key:` and 12
/// digits, 16 bytes), values of 100 bytes of which 50 are chance.
///
/// - Threads: immutable.
final class PairText {
  static final int KEY_BYTES = 16;
  static final int VALUE_BYTES = 100;
  private static final int DIGITS = 12;
  private static final byte[] PREFIX = "key:".getBytes(StandardCharsets.US_ASCII);

  private PairText() {}

  /// Writes key `index` at `offset`.
  static void key(long index, byte[] target, int offset) {
    System.arraycopy(PREFIX, 0, target, offset, PREFIX.length);
    long rest = index;
    for (int digit = offset + PREFIX.length + DIGITS - 1;
        digit >= offset + PREFIX.length;
        digit--) {
      target[digit] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /// Writes the value of key `index` at `offset`.
  static void value(long index, byte[] target, int offset) {
    var random = new SplittableRandom(index);
    for (int i = 0; i < VALUE_BYTES / 2; i += 2) {
      int chance = random.nextInt();
      target[offset + i] = (byte) chance;
      target[offset + i + 1] = (byte) (chance >>> 8);
    }
    System.arraycopy(target, offset, target, offset + VALUE_BYTES / 2, VALUE_BYTES / 2);
  }
}
