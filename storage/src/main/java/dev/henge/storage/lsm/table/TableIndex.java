package dev.henge.storage.lsm.table;

import dev.henge.base.CorruptionException;
import dev.henge.base.LittleEndian;
import java.util.Arrays;

/// The index block of a table, unfolded for searching: the last entry of each data block and where
/// the block is.
///
/// - Shape: keys one after another in one array; for 4 KiB blocks and 30-byte keys about 60 bytes a
///   block, kept as long as the table is open.
/// - Threads: immutable.
final class TableIndex {
  private final byte[] keys;
  private final int[] keyEnds;
  private final long[] trailers;
  private final long[] offsets;
  private final int[] storedBytes;
  private final int[] rawBytes;

  private TableIndex(
      byte[] keys,
      int[] keyEnds,
      long[] trailers,
      long[] offsets,
      int[] storedBytes,
      int[] rawBytes) {
    this.keys = keys;
    this.keyEnds = keyEnds;
    this.trailers = trailers;
    this.offsets = offsets;
    this.storedBytes = storedBytes;
    this.rawBytes = rawBytes;
  }

  static TableIndex decode(byte[] block, int length, String file, long fileOffset)
      throws CorruptionException {
    int count = LittleEndian.getInt(block, length - 4);
    var keys = new ByteSink(length);
    var keyEnds = new int[count];
    var trailers = new long[count];
    var offsets = new long[count];
    var stored = new int[count];
    var raw = new int[count];
    var cursor = new BlockCursor();
    cursor.open(block, length);
    if (count > 0) {
      cursor.first();
      for (int i = 0; i < count; i++) {
        keys.raw(cursor.key, 0, cursor.keyLength);
        keyEnds[i] = keys.length();
        trailers[i] = cursor.trailer;
        var input =
            new TableLayout.Input(
                block,
                cursor.valueOffset(),
                cursor.valueOffset() + cursor.valueLength(),
                file,
                fileOffset);
        offsets[i] = input.varint();
        stored[i] = (int) input.varint();
        raw[i] = (int) input.varint();
        cursor.next();
      }
    }
    byte[] packed = Arrays.copyOf(keys.array(), keys.length());
    return new TableIndex(packed, keyEnds, trailers, offsets, stored, raw);
  }

  int blockCount() {
    return keyEnds.length;
  }

  long offset(int block) {
    return offsets[block];
  }

  int storedBytes(int block) {
    return storedBytes[block];
  }

  int rawBytes(int block) {
    return rawBytes[block];
  }

  /// Key of the block's last entry.
  byte[] lastKey(int block) {
    return Arrays.copyOfRange(keys, block == 0 ? 0 : keyEnds[block - 1], keyEnds[block]);
  }

  /// Trailer of the block's last entry.
  long lastTrailer(int block) {
    return trailers[block];
  }

  /// The first block whose last entry is at or after (`key`, `trailer`); [#blockCount] when none
  /// is.
  int find(byte[] key, int keyLength, long trailer) {
    int low = 0;
    int high = keyEnds.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      int start = middle == 0 ? 0 : keyEnds[middle - 1];
      int order = Arrays.compareUnsigned(keys, start, keyEnds[middle], key, 0, keyLength);
      if (order == 0) {
        order = Long.compare(trailer, trailers[middle]);
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
