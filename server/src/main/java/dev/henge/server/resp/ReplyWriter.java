package dev.henge.server.resp;

import dev.henge.base.Connection;
import dev.henge.base.Invariant;
import java.nio.charset.StandardCharsets;

/// Writes replies of either protocol version into one growing buffer.
///
/// - Shape: a stream of which the part between [#start] and [#end] is still here. Positions count
///   from the first byte ever written, so they stay true when the buffer moves.
/// - Threads: that of its session.
final class ReplyWriter {
  private static final byte[] EMPTY = {};
  private static final int FIRST_BYTES = 512;

  /// A drained buffer above this is given up.
  private static final int KEPT_BYTES = 16 << 10;

  private static final byte[] OK = ascii("+OK\r\n");
  private static final byte[] QUEUED = ascii("+QUEUED\r\n");
  private static final byte[] NULL_BULK = ascii("$-1\r\n");
  private static final byte[] NULL_ARRAY = ascii("*-1\r\n");
  private static final byte[] NULL = ascii("_\r\n");

  private byte[] buffer = EMPTY;
  private int from;
  private int to;

  /// Stream position of `buffer[from]`.
  private long start;

  /// Stream position up to which bytes may be sent.
  private long free;

  private int protocol = 2;
  private long replyCount;

  int protocol() {
    return protocol;
  }

  void protocol(int version) {
    protocol = version;
  }

  /// Stream position of the first byte that is still here.
  long start() {
    return start;
  }

  /// Stream position behind the last byte.
  long end() {
    return start + (to - from);
  }

  int pendingBytes() {
    return to - from;
  }

  /// Whole replies written since the beginning; counted by the session.
  long replyCount() {
    return replyCount;
  }

  void replyDone() {
    replyCount++;
  }

  void ok() {
    raw(OK);
  }

  void queued() {
    raw(QUEUED);
  }

  void simple(String text) {
    line('+', text);
  }

  /// @param text with its code, without the leading `-`; line ends in it become spaces
  void error(String text) {
    line('-', text.replace('\r', ' ').replace('\n', ' '));
  }

  /// As the text, for what repeats bytes of a client.
  void error(byte[] text) {
    ensure(text.length + 3L);
    buffer[to++] = '-';
    for (byte letter : text) {
      buffer[to++] = letter == '\r' || letter == '\n' ? (byte) ' ' : letter;
    }
    buffer[to++] = '\r';
    buffer[to++] = '\n';
  }

  void number(long value) {
    ensure(24);
    buffer[to++] = ':';
    decimal(value);
  }

  void bulk(byte[] bytes) {
    bulk(bytes, 0, bytes.length);
  }

  void bulk(byte[] bytes, int offset, int length) {
    ensure(length + 24L);
    buffer[to++] = '$';
    decimal(length);
    System.arraycopy(bytes, offset, buffer, to, length);
    to += length;
    buffer[to++] = '\r';
    buffer[to++] = '\n';
  }

  void bulk(String text) {
    bulk(text.getBytes(StandardCharsets.UTF_8));
  }

  void bulk(long value) {
    bulk(ascii(Long.toString(value)));
  }

  /// No value.
  void nothing() {
    raw(protocol == 3 ? NULL : NULL_BULK);
  }

  /// No array.
  void nothingMany() {
    raw(protocol == 3 ? NULL : NULL_ARRAY);
  }

  void array(int count) {
    head('*', count);
  }

  /// A map of `count` pairs; in RESP2 an array of keys and values in turn.
  void map(int count) {
    if (protocol == 3) {
      head('%', count);
    } else {
      head('*', count * 2);
    }
  }

  /// A set of `count` items; in RESP2 an array.
  void set(int count) {
    head(protocol == 3 ? '~' : '*', count);
  }

  /// Text for people; in RESP2 a bulk string.
  void verbatim(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (protocol != 3) {
      bulk(bytes);
      return;
    }
    ensure(bytes.length + 28L);
    buffer[to++] = '=';
    decimal(bytes.length + 4);
    for (byte part : VERBATIM_FORMAT) {
      buffer[to++] = part;
    }
    System.arraycopy(bytes, 0, buffer, to, bytes.length);
    to += bytes.length;
    buffer[to++] = '\r';
    buffer[to++] = '\n';
  }

  private static final byte[] VERBATIM_FORMAT = ascii("txt:");

  /// Forgets everything from stream position `position` on.
  void truncate(long position) {
    Invariant.check(position >= start && position <= end(), "a reply is cut within the buffer");
    to = from + (int) (position - start);
  }

  /// The bytes up to stream position `position` may be sent.
  void markFree(long position) {
    free = Math.max(free, position);
  }

  /// Hands the free bytes to `connection` and forgets them.
  ///
  /// @return whether there were any
  boolean release(Connection connection) {
    int bytes = (int) (free - start);
    if (bytes <= 0) {
      return false;
    }
    connection.write(buffer, from, bytes);
    from += bytes;
    start = free;
    if (from == to) {
      from = 0;
      to = 0;
      if (buffer.length > KEPT_BYTES) {
        buffer = EMPTY;
      }
    }
    return true;
  }

  /// Gives the empty buffer up: the session is idle.
  void shrink() {
    if (to == 0) {
      buffer = EMPTY;
    }
  }

  /// Replaces the bytes from what is free up to `position` by `replacement`. Positions behind it
  /// stay true; earlier ones move.
  void replace(long position, byte[] replacement) {
    int kept = (int) Math.max(0, free - start);
    int rest = (int) (end() - position);
    byte[] joined = new byte[kept + replacement.length + rest];
    System.arraycopy(buffer, from, joined, 0, kept);
    System.arraycopy(replacement, 0, joined, kept, replacement.length);
    System.arraycopy(buffer, to - rest, joined, kept + replacement.length, rest);
    start = position - kept - replacement.length;
    free = start + kept;
    buffer = joined;
    from = 0;
    to = joined.length;
  }

  private void head(char kind, int count) {
    ensure(24);
    buffer[to++] = (byte) kind;
    decimal(count);
  }

  @SuppressWarnings(
      "deprecation") // the low bytes of an ASCII text are what is wanted, without a copy
  private void line(char kind, String text) {
    boolean ascii = text.chars().allMatch(letter -> letter < 0x80);
    if (ascii) {
      int length = text.length();
      ensure(length + 3L);
      buffer[to++] = (byte) kind;
      text.getBytes(0, length, buffer, to);
      to += length;
    } else {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      ensure(bytes.length + 3L);
      buffer[to++] = (byte) kind;
      System.arraycopy(bytes, 0, buffer, to, bytes.length);
      to += bytes.length;
    }
    buffer[to++] = '\r';
    buffer[to++] = '\n';
  }

  private void raw(byte[] bytes) {
    ensure(bytes.length);
    System.arraycopy(bytes, 0, buffer, to, bytes.length);
    to += bytes.length;
  }

  /// Writes the number and a line end; 22 bytes at most.
  private void decimal(long value) {
    if (value >= 0 && value < 10) {
      buffer[to++] = (byte) ('0' + value);
    } else if (value == Long.MIN_VALUE) {
      raw(ascii("-9223372036854775808"));
    } else {
      long rest = value;
      if (rest < 0) {
        buffer[to++] = '-';
        rest = -rest;
      }
      int digits = 1;
      for (long power = 10; digits < 19 && rest >= power; power *= 10) {
        digits++;
      }
      int at = to + digits;
      to = at;
      while (digits-- > 0) {
        buffer[--at] = (byte) ('0' + rest % 10);
        rest /= 10;
      }
    }
    ensure(2);
    buffer[to++] = '\r';
    buffer[to++] = '\n';
  }

  private void ensure(long more) {
    if (buffer.length - to >= more) {
      return;
    }
    int pending = to - from;
    long needed = pending + more;
    Invariant.check(needed <= Integer.MAX_VALUE - 16, "unsent replies stay below 2 GiB");
    if (needed <= buffer.length / 2) {
      System.arraycopy(buffer, from, buffer, 0, pending);
    } else {
      long wanted = Math.max(FIRST_BYTES, Math.max(needed, pending * 2L));
      byte[] grown = new byte[(int) Math.min(wanted, Integer.MAX_VALUE - 16)];
      System.arraycopy(buffer, from, grown, 0, pending);
      buffer = grown;
    }
    from = 0;
    to = pending;
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
