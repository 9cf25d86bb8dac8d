package dev.henge.data;

import java.math.BigInteger;

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
    BigInteger wanted =
        set
            ? (field.signed() ? signed(field.operand()) : unsigned(field.operand()))
            : signed(before).add(signed(field.operand()));
    BigInteger low =
        field.signed() ? BigInteger.TWO.pow(field.bits() - 1).negate() : BigInteger.ZERO;
    BigInteger high = low.add(BigInteger.TWO.pow(field.bits())).subtract(BigInteger.ONE);
    if (wanted.compareTo(low) >= 0 && wanted.compareTo(high) <= 0) {
      return new Outcome(wanted.longValue(), false);
    }
    return switch (field.overflow()) {
      case WRAP -> new Outcome(wrapped(wanted.longValue(), field), false);
      case SATURATE -> new Outcome((wanted.signum() < 0 ? low : high).longValue(), false);
      case FAIL -> new Outcome(before, true);
    };
  }

  private static long wrapped(long value, Operation.BitField field) {
    int unused = 64 - field.bits();
    return field.signed() ? value << unused >> unused : value << unused >>> unused;
  }

  private static BigInteger signed(long value) {
    return BigInteger.valueOf(value);
  }

  private static BigInteger unsigned(long value) {
    return value >= 0 ? signed(value) : signed(value).add(BigInteger.TWO.pow(64));
  }
}
