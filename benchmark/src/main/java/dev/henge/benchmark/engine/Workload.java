package dev.henge.benchmark.engine;

import dev.henge.base.LittleEndian;
import org.jspecify.annotations.Nullable;

/// Keys and values made from numbers: the same for every engine, without a list in memory.
///
/// - Shape: pair `index` has a key of 16 bytes without order or common beginning. A value has 100
///   bytes: 8 that tell its key, then 46 of chance and the same 46 again, so that it compresses to
///   about half.
/// - Threads: immutable.
final class Workload {
  static final int KEY_BYTES = 16;
  static final int VALUE_BYTES = 100;
  private static final int HALF_BYTES = 46;
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final long pairs;

  Workload(long pairs) {
    this.pairs = pairs;
  }

  long pairs() {
    return pairs;
  }

  /// Writes the key of pair `index` to `target`.
  void key(long index, byte[] target) {
    LittleEndian.putLong(target, 0, mix(index));
    LittleEndian.putLong(target, 8, mix(index + GOLDEN));
  }

  /// Writes a key that no pair has.
  void missingKey(long index, byte[] target) {
    key(index + pairs, target);
  }

  /// Writes the value of pair `index` at its `version`-th writing to `target`.
  void value(long index, long version, byte[] target) {
    LittleEndian.putLong(target, 0, mix(~index));
    long seed = mix(index ^ (version << 40));
    for (int offset = 8; offset < 8 + HALF_BYTES; offset += 8) {
      seed += GOLDEN;
      LittleEndian.putLong(target, offset, mix(seed));
    }
    System.arraycopy(target, 8, target, 8 + HALF_BYTES, HALF_BYTES);
  }

  /// Fails unless `value` is one that pair `index` can have.
  void verify(long index, byte @Nullable [] value) {
    if (value == null
        || value.length != VALUE_BYTES
        || LittleEndian.getLong(value, 0) != mix(~index)) {
      throw new IllegalStateException(
          "pair "
              + index
              + (value == null ? " is missing" : " has a value that was never written"));
    }
  }

  /// A sequence of pair numbers in which each is as likely as any other.
  Sequence sequence(long seed) {
    return new Sequence(seed);
  }

  /// A number that needs all of `bytes` to be known.
  static long digest(byte[] bytes, int length) {
    long sum = 0;
    int offset = 0;
    for (; offset + 8 <= length; offset += 8) {
      sum += LittleEndian.getLong(bytes, offset);
    }
    for (; offset < length; offset++) {
      sum += bytes[offset];
    }
    return sum;
  }

  /// SplitMix64's finalizer: a bijection that looks like chance.
  private static long mix(long number) {
    long mixed = (number ^ (number >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  /// - Threads: one.
  final class Sequence {
    private long state;

    private Sequence(long seed) {
      state = mix(seed);
    }

    long next() {
      state += GOLDEN;
      return Math.unsignedMultiplyHigh(mix(state), pairs);
    }
  }
}
