package dev.henge.storage.lsm.table;

import dev.henge.base.CorruptionException;
import dev.henge.base.LittleEndian;
import java.util.zip.CRC32C;

/// Offsets, sizes and checksums of table files. `FORMAT.md` shows them; a golden test pins them.
public final class TableLayout {
  /// "HENGESST" as bytes, read little-endian.
  static final long MAGIC = 0x54535345474e4548L;

  /// Version 1: as in FORMAT.md. An older program refuses a higher one by name.
  static final int FORMAT_VERSION = 1;

  /// Compression code (1) and CRC32C (4) behind each block.
  static final int BLOCK_TRAILER_BYTES = 5;

  // Footer, at the very end of the file.
  static final int FOOTER_FILTER = 0;
  static final int FOOTER_TOMBSTONES = 16;
  static final int FOOTER_PROPERTIES = 32;
  static final int FOOTER_INDEX = 48;
  static final int FOOTER_TABLE_NUMBER = 64;
  static final int FOOTER_VERSION = 72;
  static final int FOOTER_CRC = 76;
  static final int FOOTER_MAGIC = 80;
  static final int FOOTER_BYTES = 88;

  private TableLayout() {}

  /// The checksum of a stored block and its compression code. It covers the table number and the
  /// block's offset too, so that a block read from the wrong place is not taken for the right one.
  static int blockCrc(long tableNumber, long offset, byte[] stored, int length) {
    var place = new byte[16];
    LittleEndian.putLong(place, 0, tableNumber);
    LittleEndian.putLong(place, 8, offset);
    var crc = new CRC32C();
    crc.update(place);
    crc.update(stored, 0, length);
    return (int) crc.getValue();
  }

  /// Where a block is: stored bytes without the trailer, and bytes once decompressed.
  record Handle(long offset, int storedBytes, int rawBytes) {
    void write(byte[] target, int position) {
      LittleEndian.putLong(target, position, offset);
      LittleEndian.putInt(target, position + 8, storedBytes);
      LittleEndian.putInt(target, position + 12, rawBytes);
    }

    static Handle read(byte[] source, int position) {
      return new Handle(
          LittleEndian.getLong(source, position),
          LittleEndian.getInt(source, position + 8),
          LittleEndian.getInt(source, position + 12));
    }
  }

  /// Reads varints and slices from a block, refusing to run past its end.
  static final class Input {
    final byte[] bytes;
    final int end;
    private final String file;
    private final long fileOffset;
    int position;

    Input(byte[] bytes, int position, int end, String file, long fileOffset) {
      this.bytes = bytes;
      this.position = position;
      this.end = end;
      this.file = file;
      this.fileOffset = fileOffset;
    }

    long varint() throws CorruptionException {
      long result = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        if (position >= end) {
          break;
        }
        byte next = bytes[position++];
        result |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return result;
        }
      }
      throw malformed("a varint");
    }

    byte[] slice() throws CorruptionException {
      long length = varint();
      if (length < 0 || length > end - position) {
        throw malformed("a slice of " + length + " bytes");
      }
      var slice = new byte[(int) length];
      System.arraycopy(bytes, position, slice, 0, slice.length);
      position += slice.length;
      return slice;
    }

    private CorruptionException malformed(String what) {
      return new CorruptionException(
          file, fileOffset, what + " expected at byte " + position + " of the block, found none");
    }
  }
}
