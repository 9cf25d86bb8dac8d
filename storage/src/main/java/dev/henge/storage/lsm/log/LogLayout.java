package dev.henge.storage.lsm.log;

import dev.henge.base.LittleEndian;
import java.util.zip.CRC32C;

/// Offsets, sizes and checksums of log segments. `FORMAT.md` shows them; a golden test pins them.
public final class LogLayout {
  /// "HENGELOG" as bytes, read little-endian.
  static final long MAGIC = 0x474f4c45474e4548L;

  /// Version 1: as in FORMAT.md. An older program refuses a higher one by name.
  static final int FORMAT_VERSION = 1;

  // File header, once per file: it says which segment this is and how long, so that a file that was
  // shortened or took another's place is not taken for one with a torn tail.
  static final int FILE_MAGIC = 0;
  static final int FILE_VERSION = 8;
  static final int FILE_CRC = 12;
  static final int FILE_NUMBER = 16;
  static final int FILE_BYTES = 24;
  static final int FILE_HEADER_BYTES = 32;

  // Frame header; frames begin at multiples of 8.
  static final int FRAME_CRC = 0;
  static final int FRAME_LENGTH = 4;
  static final int FRAME_SEGMENT = 8;
  static final int FRAME_SYNCED = 12;
  static final int FRAME_SEQUENCE = 16;
  static final int FRAME_HEADER_BYTES = 24;

  /// In the length of a frame: nothing follows in this segment.
  static final int END_FLAG = 0x80000000;

  /// Ending of a segment's file name; the name is its number in 12 digits.
  static final String FILE_SUFFIX = ".wal";

  private LogLayout() {}

  /// Bytes that a frame of this payload takes, padding included.
  static int frameBytes(int payloadBytes) {
    return (FRAME_HEADER_BYTES + payloadBytes + 7) & ~7;
  }

  /// The checksum of the frame at `position`: all of it but the checksum itself and the padding.
  static int frameCrc(byte[] bytes, int position, int payloadBytes) {
    var crc = new CRC32C();
    crc.update(bytes, position + FRAME_LENGTH, FRAME_HEADER_BYTES - FRAME_LENGTH + payloadBytes);
    return (int) crc.getValue();
  }

  static byte[] fileHeader(long number, long byteCount) {
    var header = new byte[FILE_HEADER_BYTES];
    LittleEndian.putLong(header, FILE_MAGIC, MAGIC);
    LittleEndian.putInt(header, FILE_VERSION, FORMAT_VERSION);
    LittleEndian.putLong(header, FILE_NUMBER, number);
    LittleEndian.putLong(header, FILE_BYTES, byteCount);
    LittleEndian.putInt(header, FILE_CRC, fileCrc(header));
    return header;
  }

  /// The checksum of a file header: all of it but the checksum itself.
  static int fileCrc(byte[] header) {
    var crc = new CRC32C();
    crc.update(header, 0, FILE_CRC);
    crc.update(header, FILE_NUMBER, FILE_HEADER_BYTES - FILE_NUMBER);
    return (int) crc.getValue();
  }

  static String fileName(long number) {
    return String.format("%012d%s", number, FILE_SUFFIX);
  }

  /// The number in a segment's file name; -1 when it is not one.
  static long fileNumber(String name) {
    if (!name.endsWith(FILE_SUFFIX)) {
      return -1;
    }
    try {
      return Long.parseLong(name.substring(0, name.length() - FILE_SUFFIX.length()));
    } catch (NumberFormatException other) {
      return -1;
    }
  }
}
