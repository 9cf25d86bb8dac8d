package dev.henge.server.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Percent-encoding between any bytes and what may stand in a target (RFC 3986, section 2).
final class Percent {
  private static final String UNRESERVED = "-._~";
  private static final String DIGITS = "0123456789ABCDEF";

  private Percent() {}

  /// The bytes that `text` stands for; `+` is a plus.
  ///
  /// @throws Problem when a `%` is not followed by two hexadecimal digits
  static byte[] decode(String text) {
    if (text.indexOf('%') < 0) {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }
    byte[] bytes = new byte[text.length()];
    int count = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '%') {
        bytes[count++] = (byte) c;
        continue;
      }
      boolean whole = i + 2 < text.length();
      int high = whole ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = whole ? Character.digit(text.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0) {
        throw Status.BAD_REQUEST.because("'%' must be followed by two hexadecimal digits");
      }
      bytes[count++] = (byte) (high << 4 | low);
      i += 2;
    }
    return Arrays.copyOf(bytes, count);
  }

  /// What stands for `bytes`, with everything escaped but letters, digits and `-._~`.
  static String encode(byte[] bytes) {
    var text = new StringBuilder(bytes.length + 16);
    for (byte b : bytes) {
      char c = (char) (b & 0xff);
      boolean plain =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || UNRESERVED.indexOf(c) >= 0;
      if (plain) {
        text.append(c);
      } else {
        text.append('%').append(DIGITS.charAt(c >> 4)).append(DIGITS.charAt(c & 15));
      }
    }
    return text.toString();
  }
}
