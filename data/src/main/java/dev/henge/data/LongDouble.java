package dev.henge.data;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A number as Redis's INCRBYFLOAT computes: a binary floating point number of 64 significant bits
/// (x86's `long double`), so that results agree to the last digit printed.
///
/// - Shape: exact value as a [BigDecimal], rounded to 64 bits, half to even, after each step.
///   Exponents are bounded before any big number is built.
/// - Limit: numbers below 2^-16382 keep full precision here; printed they are 0 either way.
final class LongDouble {
  static final LongDouble ZERO = new LongDouble(BigDecimal.ZERO);
  private static final LongDouble INFINITE = new LongDouble(null);

  private static final int SIGNIFICANT_BITS = 64;
  private static final int PRINTED_DECIMALS = 17;

  /// Longest text that is read as a number.
  private static final int CHARACTERS_MAX = 5 * 1024 - 1;

  /// About the decimal exponents of the largest and the smallest number.
  private static final int EXPONENT_MAX = 4932;

  private static final int EXPONENT_MIN = -4951;
  private static final BigDecimal HALF = new BigDecimal("0.5");
  private static final BigDecimal LARGEST =
      new BigDecimal(
          BigInteger.TWO
              .pow(SIGNIFICANT_BITS)
              .subtract(BigInteger.ONE)
              .shiftLeft(16384 - SIGNIFICANT_BITS));

  private static final Pattern DECIMAL =
      Pattern.compile("([+-]?)(\\d+\\.?\\d*|\\.\\d+)(?:[eE]([+-]?\\d+))?");
  private static final Pattern HEXADECIMAL =
      Pattern.compile("([+-]?)0[xX](\\p{XDigit}*)\\.?(\\p{XDigit}*)(?:[pP]([+-]?\\d+))?");
  private static final Pattern INFINITY = Pattern.compile("[+-]?inf(inity)?");

  /// Null for what is not finite.
  private final @Nullable BigDecimal value;

  private LongDouble(@Nullable BigDecimal value) {
    this.value = value;
  }

  static @Nullable LongDouble parse(byte[] text) {
    return text.length > CHARACTERS_MAX
        ? null
        : parse(new String(text, StandardCharsets.ISO_8859_1));
  }

  /// The number that C's `strtold` reads from the whole of `text`; null where Redis says it is not
  /// a valid float.
  static @Nullable LongDouble parse(String text) {
    if (text.length() > CHARACTERS_MAX) {
      return null;
    }
    if (INFINITY.matcher(text.toLowerCase(Locale.ROOT)).matches()) {
      return INFINITE;
    }
    var decimal = DECIMAL.matcher(text);
    if (decimal.matches()) {
      Integer exponent = exponent(decimal.group(3));
      BigDecimal digits = new BigDecimal(decimal.group(2));
      return inRange(decimal.group(1), digits, exponent);
    }
    var hexadecimal = HEXADECIMAL.matcher(text);
    if (hexadecimal.matches()) {
      String digits = hexadecimal.group(2) + hexadecimal.group(3);
      Integer exponent = exponent(hexadecimal.group(4));
      if (digits.isEmpty() || exponent == null) {
        return null;
      }
      int power = exponent - 4 * hexadecimal.group(3).length();
      BigDecimal number = new BigDecimal(new BigInteger(digits, 16));
      BigDecimal scale = power >= 0 ? new BigDecimal(BigInteger.TWO.pow(power)) : HALF.pow(-power);
      return inRange(hexadecimal.group(1), number.multiply(scale), 0);
    }
    return null;
  }

  boolean isFinite() {
    return value != null;
  }

  LongDouble plus(LongDouble other) {
    return value == null || other.value == null
        ? INFINITE
        : new LongDouble(rounded(value.add(other.value)));
  }

  /// At most 17 decimals, without zeros at the end; the number must be finite.
  byte[] text() {
    if (value == null) {
      throw new IllegalStateException("not a finite number");
    }
    BigDecimal printed =
        value.setScale(PRINTED_DECIMALS, RoundingMode.HALF_EVEN).stripTrailingZeros();
    String text = printed.signum() == 0 ? "0" : printed.toPlainString();
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static @Nullable Integer exponent(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    try {
      int exponent = Integer.parseInt(text);
      return Math.abs((long) exponent) > 40_000 ? null : exponent;
    } catch (NumberFormatException tooLong) {
      return null;
    }
  }

  private static @Nullable LongDouble inRange(
      @Nullable String sign, BigDecimal digits, @Nullable Integer exponent) {
    if (digits.signum() == 0) {
      return ZERO; // whatever its exponent
    }
    if (exponent == null) {
      return null;
    }
    long leading = (long) digits.precision() - digits.scale() - 1 + exponent;
    if (leading > EXPONENT_MAX || leading < EXPONENT_MIN) {
      return null; // what strtold calls out of range
    }
    BigDecimal rounded = rounded(digits.scaleByPowerOfTen(exponent));
    return rounded == null ? null : new LongDouble("-".equals(sign) ? rounded.negate() : rounded);
  }

  /// Rounded to 64 significant bits; null beyond the largest number.
  private static @Nullable BigDecimal rounded(BigDecimal exact) {
    if (exact.signum() == 0) {
      return BigDecimal.ZERO;
    }
    // numerator / denominator = |exact|, shifted so that the quotient has 64 bits
    BigInteger numerator = exact.unscaledValue().abs();
    BigInteger denominator = BigInteger.ONE;
    if (exact.scale() > 0) {
      denominator = BigInteger.TEN.pow(exact.scale());
    } else {
      numerator = numerator.multiply(BigInteger.TEN.pow(-exact.scale()));
    }
    int shift = SIGNIFICANT_BITS + denominator.bitLength() - numerator.bitLength();
    BigInteger quotient = shifted(numerator, denominator, shift);
    if (quotient.bitLength() > SIGNIFICANT_BITS) {
      quotient = shifted(numerator, denominator, --shift);
    }
    BigDecimal magnitude =
        shift <= 0
            ? new BigDecimal(quotient.shiftLeft(-shift))
            : new BigDecimal(quotient).multiply(HALF.pow(shift));
    if (magnitude.compareTo(LARGEST) > 0) {
      return null;
    }
    return exact.signum() < 0 ? magnitude.negate() : magnitude;
  }

  /// numerator * 2^shift / denominator, half to even.
  private static BigInteger shifted(BigInteger numerator, BigInteger denominator, int shift) {
    BigInteger dividend = shift > 0 ? numerator.shiftLeft(shift) : numerator;
    BigInteger divisor = shift < 0 ? denominator.shiftLeft(-shift) : denominator;
    BigInteger[] parts = dividend.divideAndRemainder(divisor);
    int half = parts[1].shiftLeft(1).compareTo(divisor);
    boolean up = half > 0 || (half == 0 && parts[0].testBit(0));
    return up ? parts[0].add(BigInteger.ONE) : parts[0];
  }
}
