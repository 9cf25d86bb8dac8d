package dev.henge.server.resp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Cuts a stream of bytes into requests, in whatever pieces it arrives: arrays of bulk strings
/// (`*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`) and, for people, lines with quotes (`GET "a key"`).
///
/// - Shape: a payload is copied once, straight into the argument it becomes; it grows with the
///   bytes that are there, so a header that announces gigabytes costs nothing. What is left in the
///   input after [#decode] has returned false is an incomplete line, never more than
///   [#LINE_BYTES_MAX].
/// - Bounds: lines, arguments, bytes of one argument, bytes of one request; less for who has not
///   authenticated yet.
/// - Threads: that of its session.
/// - Source: the RESP specification; limits and texts as in Redis.
final class RequestDecoder {
  static final int LINE_BYTES_MAX = 64 << 10;
  private static final int ARGUMENTS_MAX = Integer.MAX_VALUE;
  private static final int STRANGER_ARGUMENTS_MAX = 10;
  private static final int STRANGER_BULK_BYTES_MAX = 16 << 10;
  private static final int FIRST_PART_BYTES = 16 << 10;

  /// What an argument costs besides its bytes, so that a million empty ones count too.
  private static final int ARGUMENT_OVERHEAD_BYTES = 32;

  private final CommandTable table;
  private final Limits limits;

  // how far the request has got
  private boolean inArray;
  private long argumentsLeft;
  private int bulkBytes = -1;
  private byte @Nullable [] part;
  private int partBytes;
  private long requestBytes;
  private long completeBytes;

  // the last length that was read
  private long number;

  /// What is too long; may change at run time.
  interface Limits {
    int bulkBytesMax();

    long requestBytesMax();
  }

  RequestDecoder(CommandTable table, Limits limits) {
    this.table = table;
    this.limits = limits;
  }

  /// Whether the stream stands between two requests.
  boolean idle() {
    return !inArray;
  }

  /// Memory that the unfinished request takes so far; 0 between two requests.
  long heldBytes() {
    if (!inArray) {
      return 0;
    }
    byte[] unfinished = part;
    return completeBytes + (unfinished == null ? 0 : unfinished.length);
  }

  /// Reads on, from the position of `in`.
  ///
  /// @param request cleared by the caller before a new request; filled over several calls
  /// @param trusted whether the client is authenticated
  /// @return whether a request is complete; if not, more bytes are needed
  /// @throws ProtocolException when nothing can be made of the bytes, now and for ever
  boolean decode(ByteBuffer in, Request request, boolean trusted) throws ProtocolException {
    while (true) {
      if (!inArray) {
        if (!in.hasRemaining()) {
          return false;
        }
        if (in.get(in.position()) != '*') {
          int outcome = inline(in, request);
          if (outcome == NOTHING) {
            continue;
          }
          return outcome == COMPLETE;
        }
        if (!length(in, "too big mbulk count string", "invalid multibulk length")) {
          return false;
        }
        if (number > ARGUMENTS_MAX) {
          throw new ProtocolException("invalid multibulk length");
        }
        if (!trusted && number > STRANGER_ARGUMENTS_MAX) {
          throw new ProtocolException("unauthenticated multibulk length");
        }
        if (number <= 0) {
          continue;
        }
        inArray = true;
        argumentsLeft = number;
        requestBytes = 0;
        completeBytes = 0;
      }
      while (argumentsLeft > 0) {
        if (!argument(in, request, trusted)) {
          return false;
        }
        argumentsLeft--;
        completeBytes = requestBytes;
      }
      inArray = false;
      return true;
    }
  }

  private boolean argument(ByteBuffer in, Request request, boolean trusted)
      throws ProtocolException {
    if (bulkBytes < 0) {
      if (!in.hasRemaining()) {
        return false;
      }
      byte first = in.get(in.position());
      if (first != '$') {
        throw new ProtocolException("expected '$', got '" + (char) (first & 0xff) + "'");
      }
      if (!length(in, "too big bulk count string", "invalid bulk length")) {
        return false;
      }
      if (number < 0 || number > limits.bulkBytesMax()) {
        throw new ProtocolException("invalid bulk length");
      }
      if (!trusted && number > STRANGER_BULK_BYTES_MAX) {
        throw new ProtocolException("unauthenticated bulk length");
      }
      requestBytes += number + ARGUMENT_OVERHEAD_BYTES;
      if (requestBytes > limits.requestBytesMax()) {
        throw new ProtocolException("too big request");
      }
      bulkBytes = (int) number;
    }
    int position = in.position();
    int available = in.remaining();
    if (part == null && available - 2 >= bulkBytes) {
      add(request, in, position);
      in.position(position + bulkBytes + 2);
      bulkBytes = -1;
      return true;
    }
    return argumentInParts(in, request);
  }

  /// The whole payload is at `position`.
  private void add(Request request, ByteBuffer in, int position) {
    if (request.count() == 0) {
      Command command = table.find(in, position, bulkBytes);
      request.command(command);
      if (command != null) {
        request.add(command.nameBytes());
        return;
      }
    }
    byte[] bytes = new byte[bulkBytes];
    in.get(position, bytes);
    request.add(bytes);
  }

  private boolean argumentInParts(ByteBuffer in, Request request) {
    byte[] bytes = part;
    if (bytes == null) {
      bytes = new byte[Math.min(bulkBytes, Math.max(FIRST_PART_BYTES, in.remaining()))];
      partBytes = 0;
    }
    while (partBytes < bulkBytes && in.hasRemaining()) {
      if (partBytes == bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(bulkBytes, bytes.length * 2L));
      }
      int count = Math.min(in.remaining(), bytes.length - partBytes);
      in.get(bytes, partBytes, count);
      partBytes += count;
    }
    part = bytes;
    if (partBytes < bulkBytes || in.remaining() < 2) {
      return false;
    }
    in.position(in.position() + 2);
    if (request.count() == 0) {
      request.command(table.find(ByteBuffer.wrap(bytes), 0, bulkBytes));
    }
    request.add(bytes);
    part = null;
    bulkBytes = -1;
    return true;
  }

  /// Reads the number between a line's first byte and its end into [#number].
  ///
  /// @return false when the line is not complete: nothing is consumed
  private boolean length(ByteBuffer in, String tooLong, String invalid) throws ProtocolException {
    int first = in.position() + 1;
    int limit = in.limit();
    long value = 0;
    boolean digitsOnly = true;
    int at = first;
    while (at < limit) {
      byte next = in.get(at);
      if (next == '\r') {
        if (at + 1 == limit) {
          return false;
        }
        number = digitsOnly && plain(in, first, at) ? value : signed(in, first, at, invalid);
        in.position(at + 2);
        return true;
      }
      int digit = next - '0';
      digitsOnly &= digit >= 0 && digit <= 9;
      value = value * 10 + digit;
      at++;
    }
    if (limit - in.position() > LINE_BYTES_MAX) {
      throw new ProtocolException(tooLong);
    }
    return false;
  }

  /// Whether digits alone are a number as Redis takes it: 1 to 18 of them, no leading zero.
  private static boolean plain(ByteBuffer in, int first, int end) {
    int count = end - first;
    return count == 1 || (count > 1 && count <= 18 && in.get(first) != '0');
  }

  private static long signed(ByteBuffer in, int first, int end, String invalid)
      throws ProtocolException {
    if (end - first <= 20) {
      byte[] digits = new byte[end - first];
      in.get(first, digits);
      if (Request.isInteger(digits)) {
        return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
      }
    }
    throw new ProtocolException(invalid);
  }

  private static final int INCOMPLETE = 0;
  private static final int COMPLETE = 1;
  private static final int NOTHING = 2;

  private int inline(ByteBuffer in, Request request) throws ProtocolException {
    int start = in.position();
    int limit = in.limit();
    int at = start;
    while (at < limit && in.get(at) != '\n') {
      at++;
    }
    if (at - start > LINE_BYTES_MAX) {
      throw new ProtocolException("too big inline request");
    }
    if (at == limit) {
      return INCOMPLETE;
    }
    int end = at > start && in.get(at - 1) == '\r' ? at - 1 : at;
    byte[] line = new byte[end - start];
    in.get(start, line);
    in.position(at + 1);
    List<byte[]> words = split(line);
    if (words == null) {
      throw new ProtocolException("unbalanced quotes in request");
    }
    if (words.isEmpty()) {
      return NOTHING;
    }
    byte[] name = words.getFirst();
    request.command(table.find(ByteBuffer.wrap(name), 0, name.length));
    for (byte[] word : words) {
      request.add(word);
    }
    return COMPLETE;
  }

  /// Words between white space; in double quotes with the escapes `\n \r \t \b \a \xHH`, in single
  /// quotes with `\'`. A closing quote must end its word. Null when quotes are not closed.
  static @Nullable List<byte[]> split(byte[] line) {
    var words = new ArrayList<byte[]>();
    int at = 0;
    while (true) {
      while (at < line.length && isSpace(line[at])) {
        at++;
      }
      if (at == line.length) {
        return words;
      }
      var word = new ByteArrayOutputStream();
      while (at < line.length && !isSpace(line[at])) {
        byte next = line[at];
        if (next == '"' || next == '\'') {
          at = quoted(line, at + 1, next, word);
          if (at < 0 || (at < line.length && !isSpace(line[at]))) {
            return null;
          }
          break;
        }
        word.write(next);
        at++;
      }
      words.add(word.toByteArray());
    }
  }

  /// Reads up to the closing quote; returns the place behind it, or -1 when there is none.
  private static int quoted(byte[] line, int from, byte quote, ByteArrayOutputStream word) {
    int at = from;
    while (at < line.length) {
      byte next = line[at];
      if (next == quote) {
        return at + 1;
      }
      if (next == '\\' && at + 1 < line.length) {
        byte escaped = line[at + 1];
        if (quote == '\'') {
          if (escaped == '\'') {
            word.write('\'');
            at += 2;
            continue;
          }
        } else if (escaped == 'x'
            && at + 3 < line.length
            && Character.digit(line[at + 2], 16) >= 0
            && Character.digit(line[at + 3], 16) >= 0) {
          word.write(Character.digit(line[at + 2], 16) * 16 + Character.digit(line[at + 3], 16));
          at += 4;
          continue;
        } else {
          word.write(
              switch (escaped) {
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'b' -> '\b';
                case 'a' -> 7;
                default -> escaped;
              });
          at += 2;
          continue;
        }
      }
      word.write(next);
      at++;
    }
    return -1;
  }

  private static boolean isSpace(byte value) {
    return value == ' ' || (value >= '\t' && value <= '\r') || value == 0;
  }
}
