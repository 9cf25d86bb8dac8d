package dev.henge.storage.lsm.table;

import java.util.Arrays;

/// Builds one block of sorted entries with shared key prefixes left out.
///
/// - Shape: entries `varint shared, varint unshared, varint value length, key suffix, varint
///   trailer, value`; every `restartInterval`-th stores its whole key, and its offset stands in the
///   array of restart points (4 bytes each) behind the entries, followed by their count (4 bytes).
/// - Source: LevelDB's block format; the trailer apart from the key is ours.
final class BlockBuilder {
  private final int restartInterval;
  private final ByteSink sink;
  private int[] restarts = new int[64];
  private int restartCount;
  private int entryCount;
  private byte[] lastKey = new byte[64];
  private int lastKeyLength;

  BlockBuilder(int blockBytes, int restartInterval) {
    this.restartInterval = restartInterval;
    this.sink = new ByteSink(blockBytes + 512);
  }

  void add(
      byte[] key, int keyLength, long trailer, byte[] value, int valueOffset, int valueLength) {
    int shared = 0;
    if (entryCount % restartInterval == 0) {
      if (restartCount == restarts.length) {
        restarts = Arrays.copyOf(restarts, restartCount * 2);
      }
      restarts[restartCount++] = sink.length();
    } else {
      int limit = Math.min(lastKeyLength, keyLength);
      int mismatch = Arrays.mismatch(lastKey, 0, limit, key, 0, limit);
      shared = mismatch < 0 ? limit : mismatch;
    }
    sink.varint(shared);
    sink.varint(keyLength - shared);
    sink.varint(valueLength);
    sink.raw(key, shared, keyLength - shared);
    sink.varint(trailer);
    sink.raw(value, valueOffset, valueLength);
    if (lastKey.length < keyLength) {
      lastKey = new byte[Math.max(keyLength, lastKey.length * 2)];
    }
    System.arraycopy(key, 0, lastKey, 0, keyLength);
    lastKeyLength = keyLength;
    entryCount++;
  }

  /// Bytes that the finished block would have now.
  int byteCount() {
    return sink.length() + restartCount * 4 + 4;
  }

  boolean isEmpty() {
    return entryCount == 0;
  }

  /// The finished block; borrowed until [#reset].
  ByteSink finish() {
    for (int i = 0; i < restartCount; i++) {
      sink.int32(restarts[i]);
    }
    sink.int32(restartCount);
    return sink;
  }

  void reset() {
    sink.clear();
    restartCount = 0;
    entryCount = 0;
    lastKeyLength = 0;
  }
}
