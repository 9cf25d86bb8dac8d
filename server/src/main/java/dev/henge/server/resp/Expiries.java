package dev.henge.server.resp;

import dev.henge.data.Expiry;

/// Reads times as clients give them: seconds or milliseconds, from now on or since the epoch.
final class Expiries {
  private Expiries() {}

  /// Whether argument `index` is a word that an expiry follows, as SET has them.
  static boolean isTimed(Request request, int index) {
    return request.is(index, "EX")
        || request.is(index, "PX")
        || request.is(index, "EXAT")
        || request.is(index, "PXAT");
  }

  /// The expiry that word `index` and its argument give.
  static Expiry timed(Request request, int index, String command) throws CommandException {
    boolean inSeconds = request.is(index, "EX") || request.is(index, "EXAT");
    boolean absolute = request.is(index, "EXAT") || request.is(index, "PXAT");
    return parse(request, index + 1, inSeconds, absolute, command);
  }

  /// The expiry that argument `index` gives behind a word like `EX`.
  ///
  /// @param command for the text of the error
  /// @throws CommandException when it is not positive, or beyond what fits in milliseconds
  static Expiry parse(
      Request request, int index, boolean inSeconds, boolean absolute, String command)
      throws CommandException {
    long given = request.integer(index);
    long millis = given;
    boolean valid = given > 0;
    if (valid && inSeconds) {
      valid = given <= Long.MAX_VALUE / 1000;
      millis = given * 1000;
    }
    if (valid && !absolute) {
      valid = millis <= Long.MAX_VALUE - request.nowMillis();
    }
    if (!valid) {
      throw new CommandException("ERR invalid expire time in '" + command + "' command");
    }
    return absolute ? new Expiry.At(millis) : new Expiry.In(millis);
  }

  /// As [#parse], but zero, negative and past times are fine: they delete (EXPIRE and its family).
  static Expiry parsePast(
      Request request, int index, boolean inSeconds, boolean absolute, String command)
      throws CommandException {
    long given = request.integer(index);
    long millis = given;
    boolean valid = true;
    if (inSeconds) {
      valid = given <= Long.MAX_VALUE / 1000 && given >= Long.MIN_VALUE / 1000;
      millis = given * 1000;
    }
    if (valid && !absolute) {
      valid = millis <= Long.MAX_VALUE - request.nowMillis();
    }
    if (!valid) {
      throw new CommandException("ERR invalid expire time in '" + command + "' command");
    }
    return absolute ? new Expiry.At(millis) : new Expiry.In(millis);
  }
}
