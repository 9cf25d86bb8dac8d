package dev.henge.storage.lsm.table;

import dev.henge.base.CorruptionException;
import dev.henge.base.DiskFile;
import dev.henge.base.LittleEndian;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Reads stored blocks: fetches, checks, decompresses, with buffers that it keeps from one to the
/// next.
///
/// - Threads: one at a time; [BlockCache] has them for whoever reads.
final class BlockReader {
  private final Compression.Codec codec = new Compression.Codec();
  private byte[] stored = new byte[8 << 10];

  /// Fills `target` with the decompressed block.
  ///
  /// @throws CorruptionException when the block is not what was written
  void read(
      String name,
      DiskFile file,
      long tableNumber,
      long offset,
      int storedBytes,
      int rawBytes,
      byte[] target)
      throws IOException {
    int total = storedBytes + TableLayout.BLOCK_TRAILER_BYTES;
    if (stored.length < total) {
      stored = new byte[total + total / 4];
    }
    readFully(name, file, offset, stored, total);
    int crc = TableLayout.blockCrc(tableNumber, offset, stored, storedBytes + 1);
    int storedCrc = LittleEndian.getInt(stored, storedBytes + 1);
    if (crc != storedCrc) {
      throw new CorruptionException(name, offset, crcText(crc, storedCrc));
    }
    int code = stored[storedBytes];
    if (code == Compression.NONE.code()) {
      if (storedBytes != rawBytes) {
        throw new CorruptionException(
            name,
            offset,
            rawBytes + " bytes expected, found " + storedBytes + " uncompressed ones");
      }
      System.arraycopy(stored, 0, target, 0, rawBytes);
      return;
    }
    int length = codec.decompress(code, stored, storedBytes, target, rawBytes);
    if (length != rawBytes) {
      throw new CorruptionException(
          name, offset, rawBytes + " bytes expected of compression " + code + ", found " + length);
    }
  }

  static void readFully(String name, DiskFile file, long offset, byte[] target, int length)
      throws IOException {
    int count = file.read(offset, ByteBuffer.wrap(target, 0, length));
    if (count != length) {
      throw new CorruptionException(
          name, offset, length + " bytes expected, the file ends after " + count);
    }
  }

  static String crcText(int computed, int stored) {
    return String.format("CRC32C %08x expected, found %08x", stored, computed);
  }
}
