package dev.henge.base;

/// Maps keys to slots as Redis Cluster does, so that its clients route by themselves.
///
/// A slot is CRC16 (XMODEM: polynomial 0x1021, initial 0) of the key modulo 16384; of the part
/// between the first `{` and the next `}` where that part is not empty.
///
/// - Source: Redis Cluster specification, "Key distribution model" and "Hash tags".
public final class Slots {
  /// Number of slots. Persisted in every stored key: never change.
  public static final int COUNT = 16384;

  private static final short[] TABLE = new short[256];

  static {
    for (int value = 0; value < 256; value++) {
      int crc = value << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
      }
      TABLE[value] = (short) crc;
    }
  }

  private Slots() {}

  public static int of(byte[] key) {
    return of(key, 0, key.length);
  }

  /// The slot of `length` bytes of `bytes` from `offset` on.
  public static int of(byte[] bytes, int offset, int length) {
    int end = offset + length;
    for (int open = offset; open < end; open++) {
      if (bytes[open] == '{') {
        for (int close = open + 1; close < end; close++) {
          if (bytes[close] == '}') {
            return close == open + 1
                ? crc16(bytes, offset, end) % COUNT
                : crc16(bytes, open + 1, close) % COUNT;
          }
        }
        break;
      }
    }
    return crc16(bytes, offset, end) % COUNT;
  }

  private static int crc16(byte[] bytes, int start, int end) {
    int crc = 0;
    for (int i = start; i < end; i++) {
      crc = ((crc << 8) ^ TABLE[((crc >>> 8) ^ bytes[i]) & 0xff]) & 0xffff;
    }
    return crc;
  }
}
