package dev.henge.consensus.log;

import dev.henge.base.LittleEndian;
import java.util.zip.CRC32C;

/// Offsets, sizes, kinds and checksums of the shared log's segments. `FORMAT.md` shows them; a
/// golden test pins them.
final class LogLayout {
  /// "HENGERFT" as bytes, read little-endian.
  static final long MAGIC = 0x54465245474e4548L;

  /// Version 1: as in FORMAT.md. An older program refuses a higher one by name.
  static final int FORMAT_VERSION = 1;

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
  static final int FRAME_KIND = 16;
  static final int FRAME_COUNT = 20;
  static final int FRAME_HEADER_BYTES = 24;

  // Kinds of frames. Persisted: never renumber.
  static final int ENTRIES = 1;
  static final int STATE = 2;
  static final int REWRITE = 3;
  static final int REMOVE = 4;
  static final int HEAD = 5;
  static final int OLDEST = 6;
  static final int PADDING = 7;
  static final int END = 8;

  // Payload of ENTRIES, STATE and REWRITE, from its beginning.
  static final int GROUP = 0;
  static final int TERM = 8;
  static final int VOTE = 16;
  static final int COMMIT = 24;
  static final int PREVIOUS_INDEX = 32;
  static final int PREVIOUS_TERM = 40;
  static final int ENTRIES_START = 48;
  static final int LAST_INDEX = 32;
  static final int LAST_TERM = 40;
  static final int FLAGS = 48;
  static final int MARK_INDEX = 56;
  static final int MARK_TERM = 64;
  static final int VOTER_COUNT = 72;
  static final int OUTGOING_COUNT = 76;
  static final int LEARNER_COUNT = 80;
  static final int MEMBERS_START = 88;

  /// In the flags of STATE and REWRITE.
  static final long RECOVERING_FLAG = 1;

  // One entry.
  static final int ENTRY_LENGTH = 0;
  static final int ENTRY_KIND = 4;
  static final int ENTRY_TERM = 8;
  static final int ENTRY_HEADER_BYTES = 16;

  static final int END_FRAME_BYTES = FRAME_HEADER_BYTES;
  static final int OLDEST_FRAME_BYTES = FRAME_HEADER_BYTES + 8;

  /// The unit in which devices lose data: the second copy of a state begins in another one.
  static final int PAGE_BYTES = 4096;

  /// Endings of file names; the name is the segment's number in 12 digits.
  static final String FILE_SUFFIX = ".raft";

  static final String FREE_SUFFIX = ".free";

  private LogLayout() {}

  /// Bytes that a frame of this payload takes, padding included.
  static int frameBytes(int payloadBytes) {
    return (FRAME_HEADER_BYTES + payloadBytes + 7) & ~7;
  }

  /// The checksum of a frame at `position` of `bytes`, which stands at `offset` of segment
  /// `number`: of its place, and of all of it but the checksum itself and the padding.
  static int frameCrc(byte[] bytes, int position, int payloadBytes, long number, long offset) {
    var crc = new CRC32C();
    var place = new byte[16];
    LittleEndian.putLong(place, 0, number);
    LittleEndian.putLong(place, 8, offset);
    crc.update(place, 0, 16);
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
