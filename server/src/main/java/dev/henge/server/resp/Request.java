package dev.henge.server.resp;

import dev.henge.base.Clock;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One request as a client sent it: the command, and its arguments as bytes.
///
/// Argument 0 is the command's name (its canonical form when the command is known), as in Redis's
/// own numbering of key positions.
///
/// - Threads: that of its session. Reused for the next request; arguments themselves are never
///   reused, so they may be handed on.
final class Request {
  private static final byte[][] EMPTY = {};

  /// Above so many arguments the array is given up after the request.
  private static final int KEPT_COUNT = 64;

  private final Clock clock;
  private final ScanCursors cursors;
  private byte[][] arguments;
  private int count;
  private @Nullable Command command;

  Request(Clock clock, ScanCursors cursors) {
    this(clock, cursors, EMPTY, 0, null);
  }

  private Request(
      Clock clock, ScanCursors cursors, byte[][] arguments, int count, @Nullable Command command) {
    this.clock = clock;
    this.cursors = cursors;
    this.arguments = arguments;
    this.count = count;
    this.command = command;
  }

  /// A copy that outlives the next request; the arguments are shared.
  Request copy() {
    return new Request(clock, cursors, Arrays.copyOf(arguments, count), count, command);
  }

  /// What stands from argument `index` on, as a request of its own.
  Request from(int index) {
    byte[][] rest = Arrays.copyOfRange(arguments, index, count);
    return new Request(clock, cursors, rest, rest.length, null);
  }

  void clear() {
    if (arguments.length > KEPT_COUNT) {
      arguments = EMPTY;
    } else {
      Arrays.fill(arguments, 0, count, EMPTY_ARGUMENT);
    }
    count = 0;
    command = null;
  }

  void add(byte[] argument) {
    if (count == arguments.length) {
      arguments = Arrays.copyOf(arguments, Math.max(4, count * 2));
    }
    arguments[count++] = argument;
  }

  private static final byte[] EMPTY_ARGUMENT = {};

  void command(@Nullable Command found) {
    command = found;
  }

  /// What the name means; null when it is unknown.
  @Nullable Command command() {
    return command;
  }

  /// Arguments, the name included.
  int count() {
    return count;
  }

  byte[] bytes(int index) {
    return arguments[index];
  }

  /// For messages and names: bytes that are not UTF-8 are replaced.
  String text(int index) {
    return new String(arguments[index], StandardCharsets.UTF_8);
  }

  /// For errors, up to the first zero byte as Redis prints it; each letter is a byte.
  String shown(int index) {
    byte[] argument = arguments[index];
    int length = 0;
    while (length < argument.length && argument[length] != 0) {
      length++;
    }
    return new String(argument, 0, length, StandardCharsets.ISO_8859_1);
  }

  /// The arguments from `from` on, the last included.
  List<byte[]> list(int from) {
    return List.of(Arrays.copyOfRange(arguments, from, count));
  }

  /// Whether argument `index` is the word `word` (given in upper case), in any case.
  boolean is(int index, String word) {
    return matches(arguments[index], word);
  }

  static boolean matches(byte[] argument, String upper) {
    if (argument.length != upper.length()) {
      return false;
    }
    for (int i = 0; i < argument.length; i++) {
      int letter = argument[i];
      if (letter >= 'a' && letter <= 'z') {
        letter -= 'a' - 'A';
      }
      if (letter != upper.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  long integer(int index) throws CommandException {
    return integer(index, CommandException.NOT_AN_INTEGER);
  }

  /// Argument `index` as an integer, in exactly the form that Redis accepts: no sign but `-`, no
  /// leading zeros, no spaces.
  long integer(int index, String error) throws CommandException {
    byte[] digits = arguments[index];
    if (!isInteger(digits)) {
      throw new CommandException(error);
    }
    return parseInteger(digits);
  }

  /// As [#integer], within bounds (inclusive).
  int integer(int index, int least, int most, String error) throws CommandException {
    long value = integer(index, error);
    if (value < least || value > most) {
      throw new CommandException(error);
    }
    return (int) value;
  }

  static boolean isInteger(byte[] digits) {
    int length = digits.length;
    if (length == 0 || length > 20) {
      return false;
    }
    if (length == 1 && digits[0] == '0') {
      return true;
    }
    boolean negative = digits[0] == '-';
    int first = negative ? 1 : 0;
    if (first == length || digits[first] < '1' || digits[first] > '9') {
      return false;
    }
    for (int i = first + 1; i < length; i++) {
      if (digits[i] < '0' || digits[i] > '9') {
        return false;
      }
    }
    int count = length - first;
    if (count < 19) {
      return true;
    }
    if (count > 19) {
      return false;
    }
    String bound = negative ? "9223372036854775808" : "9223372036854775807";
    for (int i = 0; i < 19; i++) {
      int difference = digits[first + i] - bound.charAt(i);
      if (difference != 0) {
        return difference < 0;
      }
    }
    return true;
  }

  static long parseInteger(byte[] digits) {
    boolean negative = digits[0] == '-';
    long value = 0;
    for (int i = negative ? 1 : 0; i < digits.length; i++) {
      value = value * 10 - (digits[i] - '0');
    }
    return negative ? value : -value;
  }

  /// Where walks stand.
  ScanCursors cursors() {
    return cursors;
  }

  /// Wall-clock milliseconds, for the bounds of expiries.
  long nowMillis() {
    return clock.wallMillis();
  }
}
