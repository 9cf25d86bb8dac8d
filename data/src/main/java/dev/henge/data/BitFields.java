package dev.henge.data;

/// Integers of 1-64 bits at any bit of a string, highest bit first; bits behind the end read as 0.
final class BitFields {
  private BitFields() {}

  /// What a SET or INCRBY leads to.
  ///
  /// @param refused whether the value did not fit and the step may then not write
  record Outcome(long value, boolean refused) {}

  static long read(byte[] payload, Operation.BitField field) {
    long value = 0;
    for (int i = 0; i < field.bits(); i++) {
      long offset = field.offset() + i;
      int bit = 0;
      if (offset >>> 3 < payload.length) {
        bit = (payload[(int) (offset >>> 3)] >> (7 - (offset & 7))) & 1;
      }
      value = value << 1 | bit;
    }
    int unused = 64 - field.bits();
    return field.signed() ? value << unused >> unused : value;
  }

  /// Writes the lowest bits of `value`; the payload must be long enough.
  static void write(byte[] payload, Operation.BitField field, long value) {
    for (int i = 0; i < field.bits(); i++) {
      long offset = field.offset() + i;
      int mask = 0x80 >> (offset & 7);
      int position = (int) (offset >>> 3);
      boolean one = (value >>> (field.bits() - 1 - i) & 1) != 0;
      payload[position] = (byte) (one ? payload[position] | mask : payload[position] & ~mask);
    }
  }

  /// The value after a SET or INCRBY over `before`. The operand of an unsigned SET is taken as 64
  /// unsigned bits, as Redis does.
  static Outcome outcome(long before, Operation.BitField field) {
    boolean set = field.kind() == Operation.BitField.Kind.SET;
    long value = set ? field.operand() : before;
    long increment = set ? 0 : field.operand();
    long high = (1L << (field.signed() ? field.bits() - 1 : field.bits())) - 1;
    long low = field.signed() ? -high - 1 : 0;
    boolean above =
        field.signed()
            ? isAbove(value, increment, high, field.bits())
            : Long.compareUnsigned(value, high) > 0 || increment > high - value;
    boolean below =
        field.signed() ? isBelow(value, increment, low, field.bits()) : increment < -value;
    if (!above && !below) {
      return new Outcome(value + increment, false);
    }
    return switch (field.overflow()) {
      case WRAP -> new Outcome(wrapped(value + increment, field), false);
      case SATURATE -> new Outcome(above ? high : low, false);
      case FAIL -> new Outcome(before, true);
    };
  }

  /// Redis's own test, which is odd for a SET far below the range: the difference overflows, and it
  /// saturates at the upper end. Clients see it, so it stays.
  private static boolean isAbove(long value, long increment, long high, int bits) {
    return value > high
        || (bits != 64 || (value >= 0 && increment > 0)) && increment > high - value;
  }

  private static boolean isBelow(long value, long increment, long low, int bits) {
    return value < low || (bits != 64 || (value < 0 && increment < 0)) && increment < low - value;
  }

  private static long wrapped(long value, Operation.BitField field) {
    int unused = 64 - field.bits();
    return field.signed() ? value << unused >> unused : value << unused >>> unused;
  }
}
