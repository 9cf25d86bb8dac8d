package dev.henge.data;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// DUMP and RESTORE: one value in the format of Redis's RDB files, with a footer, so that values
/// move between Henge and Redis in both directions.
///
/// - Shape: type (1), value, RDB version (2, little-endian), CRC64 of all before (8,
///   little-endian). A string is a length and bytes, or one of the special encodings: 8, 16 and 32
///   bit integers, LZF.
/// - Written: the lowest RDB version that knows these encodings, so that every Redis with RESTORE
///   takes it; integers where Redis writes them, never LZF. Read: all of it.
/// - Source: Redis's `rdb.c` and `cluster.c` as formats; CRC64 is the "Jones" polynomial,
///   reflected.
final class RdbPayload {
  private static final Reply.Failure BAD_CHECKSUM =
      new Reply.Failure("ERR", "DUMP payload version or checksum are wrong");
  private static final Reply.Failure BAD_FORMAT = new Reply.Failure("ERR", "Bad data format");
  private static final Reply.Failure BUSY_KEY =
      new Reply.Failure("BUSYKEY", "Target key name already exists.");

  /// The version that DUMP came with.
  private static final int VERSION_WRITTEN = 6;

  /// That of Redis 7.2.
  private static final int VERSION_MAX = 11;

  private static final int FOOTER_BYTES = 10;
  private static final byte TYPE_STRING = 0;

  // the first byte of a length: its two highest bits, or one of these whole
  private static final int LENGTH_14_BITS = 0x40;
  private static final int LENGTH_32_BITS = 0x80;
  private static final int LENGTH_64_BITS = 0x81;
  private static final int INTEGER_8 = 0xc0;
  private static final int INTEGER_16 = 0xc1;
  private static final int INTEGER_32 = 0xc2;
  private static final int LZF = 0xc3;

  /// The longest text that Redis tries to write as an integer.
  private static final int INTEGER_CHARACTERS_MAX = 11;

  private RdbPayload() {}

  static Reply dump(Evaluation evaluation, byte[] key) {
    byte[] stored = evaluation.find(key);
    return stored == null ? Reply.NOTHING : new Reply.Bytes(payload(StoredObject.payload(stored)));
  }

  static Reply restore(Evaluation evaluation, Operation.Restore restore) {
    boolean there = evaluation.exists(restore.key());
    if (there && !restore.replace()) {
      return BUSY_KEY;
    }
    byte[] payload = restore.payload();
    if (!isIntact(payload)) {
      return BAD_CHECKSUM;
    }
    int valueBytesMax = evaluation.scope().limits().valueBytesMax();
    byte[] value;
    try {
      value = new Input(payload, valueBytesMax).value();
    } catch (TooLongException tooLong) {
      return evaluation.valueTooLong(tooLong.bytes);
    }
    if (value == null) {
      return BAD_FORMAT;
    }
    Reply.Failure refusal = evaluation.refusal(restore.key(), value.length);
    if (refusal != null) {
      return refusal;
    }
    Expiry expiry =
        restore.ttlMillis() == 0
            ? Expiry.NONE
            : restore.absolute()
                ? new Expiry.At(restore.ttlMillis())
                : new Expiry.In(restore.ttlMillis());
    long expiryMillis = evaluation.expiryMillis(expiry, null);
    if (there || !evaluation.hasPassed(expiryMillis)) {
      evaluation.put(restore.key(), StoredObject.PLAIN, expiryMillis, value);
    }
    return Reply.OK;
  }

  /// The string as a payload with its footer.
  static byte[] payload(byte[] value) {
    byte[] payload = new byte[1 + 5 + value.length + FOOTER_BYTES];
    payload[0] = TYPE_STRING;
    int end = putString(payload, 1, value);
    payload[end] = VERSION_WRITTEN;
    payload[end + 1] = 0;
    long checksum = Crc64.of(payload, 0, end + 2);
    putLittleEndian(payload, end + 2, checksum, 8);
    return Arrays.copyOf(payload, end + FOOTER_BYTES);
  }

  private static int putString(byte[] payload, int start, byte[] value) {
    int position = start;
    int length = value.length;
    if (length <= INTEGER_CHARACTERS_MAX && Numbers.isLong(value, 0, length)) {
      long number = Numbers.parse(value, 0, length);
      if (number == (int) number) {
        int bytes = number == (byte) number ? 1 : number == (short) number ? 2 : 4;
        int head = bytes == 1 ? INTEGER_8 : bytes == 2 ? INTEGER_16 : INTEGER_32;
        payload[position++] = (byte) head;
        putLittleEndian(payload, position, number, bytes);
        return position + bytes;
      }
    }
    if (length < 1 << 6) {
      payload[position++] = (byte) length;
    } else if (length < 1 << 14) {
      payload[position++] = (byte) (LENGTH_14_BITS | length >>> 8);
      payload[position++] = (byte) length;
    } else {
      payload[position++] = (byte) LENGTH_32_BITS;
      for (int shift = 24; shift >= 0; shift -= 8) {
        payload[position++] = (byte) (length >>> shift);
      }
    }
    System.arraycopy(value, 0, payload, position, length);
    return position + length;
  }

  private static void putLittleEndian(byte[] bytes, int position, long value, int count) {
    for (int i = 0; i < count; i++) {
      bytes[position + i] = (byte) (value >>> (8 * i));
    }
  }

  /// Whether the footer has a version that we know and the checksum of the payload.
  private static boolean isIntact(byte[] payload) {
    int footer = payload.length - FOOTER_BYTES;
    if (footer < 0) {
      return false;
    }
    int version = (payload[footer] & 0xff) | (payload[footer + 1] & 0xff) << 8;
    long checksum = 0;
    for (int i = 7; i >= 0; i--) {
      checksum = checksum << 8 | (payload[footer + 2 + i] & 0xff);
    }
    return version <= VERSION_MAX && checksum == Crc64.of(payload, 0, footer + 2);
  }

  /// A value longer than the limit.
  private static final class TooLongException extends Exception {
    private final long bytes;

    TooLongException(long bytes) {
      super("value of " + bytes + " bytes");
      this.bytes = bytes;
    }
  }

  /// Reads one value from a payload; every length is checked against what is left and allowed
  /// before anything of that length is made.
  private static final class Input {
    private final byte[] payload;
    private final int end;
    private final int valueBytesMax;
    private int position;

    Input(byte[] payload, int valueBytesMax) {
      this.payload = payload;
      this.end = payload.length - FOOTER_BYTES;
      this.valueBytesMax = valueBytesMax;
    }

    /// The string; null where the payload is none.
    byte @Nullable [] value() throws TooLongException {
      if (left() < 2 || payload[position++] != TYPE_STRING) {
        return null;
      }
      int first = payload[position] & 0xff;
      return switch (first) {
        case INTEGER_8 -> integer(1);
        case INTEGER_16 -> integer(2);
        case INTEGER_32 -> integer(4);
        case LZF -> compressed();
        default -> bytes(length());
      };
    }

    private int left() {
      return end - position;
    }

    private byte @Nullable [] integer(int bytes) {
      position++;
      if (left() < bytes) {
        return null;
      }
      long value = payload[position + bytes - 1]; // the highest byte has the sign
      for (int i = bytes - 2; i >= 0; i--) {
        value = value << 8 | (payload[position + i] & 0xff);
      }
      return Numbers.text(value);
    }

    private byte @Nullable [] bytes(long length) throws TooLongException {
      if (length < 0 || length > left()) {
        return null;
      }
      checkLimit(length);
      return Arrays.copyOfRange(payload, position, position + (int) length);
    }

    private byte @Nullable [] compressed() throws TooLongException {
      position++;
      long compressedBytes = length();
      long valueBytes = length();
      if (compressedBytes < 0 || valueBytes < 0 || compressedBytes > left()) {
        return null;
      }
      checkLimit(valueBytes);
      if (valueBytes > compressedBytes * Lzf.RATIO_MAX) {
        return null;
      }
      return Lzf.decompress(payload, position, (int) compressedBytes, (int) valueBytes);
    }

    private void checkLimit(long length) throws TooLongException {
      if (length > valueBytesMax) {
        throw new TooLongException(length);
      }
    }

    /// A length, or -1 where there is none.
    private long length() {
      if (left() < 1) {
        return -1;
      }
      int first = payload[position++] & 0xff;
      if (first < LENGTH_14_BITS) {
        return first;
      }
      if (first < LENGTH_32_BITS) {
        return bigEndian((first & 0x3f), 1);
      }
      return switch (first) {
        case LENGTH_32_BITS -> bigEndian(0, 4);
        case LENGTH_64_BITS -> bigEndian(0, 8);
        default -> -1;
      };
    }

    /// -1 where the payload ends, or where 64 bits are more than any length.
    private long bigEndian(long high, int bytes) {
      if (left() < bytes) {
        return -1;
      }
      long value = high;
      for (int i = 0; i < bytes; i++) {
        value = value << 8 | (payload[position++] & 0xff);
      }
      return Math.max(value, -1);
    }
  }
}
