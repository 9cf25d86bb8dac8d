package dev.henge.data;

/// CRC-64 as Redis computes it: the polynomial 0xad93d23594c935a9 ("Jones"), reflected, from 0.
final class Crc64 {
  private static final long REFLECTED_POLYNOMIAL = 0x95ac9329ac4bc9b5L;
  private static final long[] TABLE = new long[256];

  static {
    for (int value = 0; value < 256; value++) {
      long crc = value;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) != 0 ? crc >>> 1 ^ REFLECTED_POLYNOMIAL : crc >>> 1;
      }
      TABLE[value] = crc;
    }
  }

  private Crc64() {}

  static long of(byte[] bytes, int offset, int length) {
    long crc = 0;
    for (int position = offset; position < offset + length; position++) {
      crc = crc >>> 8 ^ TABLE[(int) (crc ^ bytes[position]) & 0xff];
    }
    return crc;
  }
}
