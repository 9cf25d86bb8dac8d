package dev.henge.storage.lsm.table;

import dev.henge.base.LittleEndian;

/// A Bloom filter whose probes for one key all fall into one 64-byte line: one cache miss a lookup.
///
/// - Shape: `lineCount` lines of 64 bytes, then one byte with the number of probes. Persisted, hash
///   included: never change, add a new format version.
/// - Cost: at 10 bits a key about 1 % false positives (a little above the classic filter's 0.8 %).
/// - Source: Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom Filters" (2007), 3.
final class BloomFilter {
  private static final int LINE_BYTES = 64;

  private BloomFilter() {}

  /// Builds the filter of `count` key hashes; empty when `bitsPerKey` is 0.
  static byte[] build(long[] hashes, int count, int bitsPerKey) {
    if (bitsPerKey == 0 || count == 0) {
      return new byte[0];
    }
    long lines = ((long) count * bitsPerKey + LINE_BYTES * 8 - 1) / (LINE_BYTES * 8);
    int lineCount = (int) Math.max(1, Math.min(lines, (Integer.MAX_VALUE - 64) / LINE_BYTES));
    int probes = Math.max(1, Math.min(24, (int) Math.round(bitsPerKey * 0.69)));
    var filter = new byte[lineCount * LINE_BYTES + 1];
    filter[filter.length - 1] = (byte) probes;
    for (int i = 0; i < count; i++) {
      long hash = hashes[i];
      int line = line(hash, lineCount);
      int probe = (int) hash;
      int step = (int) (hash >>> 17) | 1;
      for (int p = 0; p < probes; p++) {
        int bit = probe >>> 23; // top 9 bits: 0-511
        filter[line + (bit >>> 3)] |= (byte) (1 << (bit & 7));
        probe += step;
      }
    }
    return filter;
  }

  /// Whether a key of this hash may have been added; an empty filter always says yes.
  static boolean mayContain(byte[] filter, long hash) {
    if (filter.length == 0) {
      return true;
    }
    int line = line(hash, filter.length / LINE_BYTES);
    int probe = (int) hash;
    int step = (int) (hash >>> 17) | 1;
    for (int p = filter[filter.length - 1]; p > 0; p--) {
      int bit = probe >>> 23;
      if ((filter[line + (bit >>> 3)] & (1 << (bit & 7))) == 0) {
        return false;
      }
      probe += step;
    }
    return true;
  }

  private static int line(long hash, int lineCount) {
    return (int) (((hash >>> 32) * lineCount) >>> 32) * LINE_BYTES;
  }

  /// The 64-bit hash that filters are built from: 8 bytes at a time by multiply and fold.
  static long hash(byte[] bytes, int offset, int length) {
    long state = 0x9e3779b97f4a7c15L ^ length;
    int position = offset;
    int end = offset + length;
    for (; position + 8 <= end; position += 8) {
      state = fold(state ^ LittleEndian.getLong(bytes, position));
    }
    if (position + 4 <= end) {
      state = fold(state ^ (LittleEndian.getInt(bytes, position) & 0xffffffffL) ^ 0x1000000000000L);
      position += 4;
    }
    long tail = 0;
    for (; position < end; position++) {
      tail = tail << 8 | (bytes[position] & 0xff);
    }
    return fold(fold(state ^ tail ^ 0x20000000000000L));
  }

  private static long fold(long value) {
    long high = Math.unsignedMultiplyHigh(value, 0xd6e8feb86659fd93L);
    long low = value * 0xd6e8feb86659fd93L;
    return high ^ low ^ 0xa0761d6478bd642fL;
  }
}
