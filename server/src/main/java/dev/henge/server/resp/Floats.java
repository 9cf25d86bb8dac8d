package dev.henge.server.resp;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// What Redis takes for a decimal fraction.
final class Floats {
  /// Longest text that is read as a number.
  private static final int CHARACTERS_MAX = 255;

  private static final Pattern NUMBER =
      Pattern.compile(
          "[+-]?((\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?|inf|infinity)", Pattern.CASE_INSENSITIVE);

  private Floats() {}

  static boolean isNumber(byte[] digits) {
    return digits.length <= CHARACTERS_MAX
        && NUMBER.matcher(new String(digits, StandardCharsets.ISO_8859_1)).matches();
  }
}
