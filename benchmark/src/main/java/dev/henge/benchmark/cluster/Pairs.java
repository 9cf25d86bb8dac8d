package dev.henge.benchmark.cluster;

import java.util.SplittableRandom;

/// Keys and values, made from numbers.
///
/// - Threads: any.
public final class Pairs {
  /// Length of every key.
  public static final int KEY_BYTES = 16;

  private static final int POOL_BYTES = 1 << 20;

  private final int valueBytes;

  /// Values are pieces of it, so that making one costs a copy and no more.
  private final byte[] pool;

  /// @param valueBytes length of every value
  public Pairs(int valueBytes) {
    this.valueBytes = valueBytes;
    this.pool = new byte[POOL_BYTES + valueBytes];
    var random = new SplittableRandom(1);
    for (int i = 0; i < pool.length; i++) {
      pool[i] = (byte) ('!' + random.nextInt(90)); // printable, and nothing to compress
    }
  }

  public int valueBytes() {
    return valueBytes;
  }

  /// Writes key `number` at `offset`: 16 digits.
  public static void key(long number, byte[] target, int offset) {
    long rest = number;
    for (int digit = offset + KEY_BYTES - 1; digit >= offset; digit--) {
      target[digit] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /// Key `number`.
  public static byte[] key(long number) {
    byte[] key = new byte[KEY_BYTES];
    key(number, key, 0);
    return key;
  }

  /// Writes value `number` at `offset`.
  public void value(long number, byte[] target, int offset) {
    System.arraycopy(pool, from(number), target, offset, valueBytes);
  }

  /// Value `number`.
  public byte[] value(long number) {
    byte[] value = new byte[valueBytes];
    value(number, value, 0);
    return value;
  }

  private static int from(long number) {
    return (int) ((number * 0x9e3779b97f4a7c15L) >>> 44); // the upper 20 bits: an index of the pool
  }
}
