package dev.henge.benchmark.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// One RESP connection: requests are gathered and sent together, answers read one by one.
///
/// - Threads: one.
public final class RespConnection implements AutoCloseable {
  /// What [#answer] gives for a null.
  static final int MISSING = -1;

  /// What [#answer] gives for a status or a number.
  static final int DONE = -2;

  /// What [#answer] gives for an error.
  static final int FAILED = -3;

  private final Socket socket;
  private final InputStream input;
  private final OutputStream output;
  private byte[] out = new byte[1 << 16];
  private int outTo;
  private byte[] in = new byte[1 << 16];
  private int inFrom;
  private int inTo;
  private String error = "";

  public RespConnection(String host, int port) throws IOException {
    socket = new Socket(host, port);
    socket.setTcpNoDelay(true);
    input = socket.getInputStream();
    output = socket.getOutputStream();
  }

  /// Sends `words` and gives back the answer's first line, or its whole value.
  public String ask(String... words) throws IOException {
    var request = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      request.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    add(request.toString().getBytes(StandardCharsets.US_ASCII));
    flush();
    int end = line();
    String text = new String(in, inFrom, end - inFrom, StandardCharsets.UTF_8);
    inFrom = end + 2;
    if (text.startsWith("$") && !text.equals("$-1")) {
      int bytes = Integer.parseInt(text.substring(1));
      require(bytes + 2);
      text = new String(in, inFrom, bytes, StandardCharsets.UTF_8);
      inFrom += bytes + 2;
    }
    return text;
  }

  /// Adds bytes to what is sent next.
  void add(byte[] bytes) {
    int at = reserve(bytes.length);
    System.arraycopy(bytes, 0, out, at, bytes.length);
  }

  /// Makes room for `bytes` more in [#out], and gives their offset there.
  int reserve(int bytes) {
    if (outTo + bytes > out.length) {
      out = Arrays.copyOf(out, Math.max(outTo + bytes, out.length * 2));
    }
    int at = outTo;
    outTo += bytes;
    return at;
  }

  /// What is sent next: to be written where [#reserve] has made room, until the next call.
  byte[] out() {
    return out;
  }

  /// Sends what was added.
  void flush() throws IOException {
    output.write(out, 0, outTo);
    outTo = 0;
  }

  /// Waits for an answer.
  ///
  /// @return the length of its value, [#MISSING], [#DONE] or [#FAILED]
  int answer() throws IOException {
    int end = line();
    int from = inFrom;
    inFrom = end + 2;
    return switch (in[from]) {
      case '$' -> {
        int bytes = number(from + 1, end);
        if (bytes >= 0) {
          require(bytes + 2);
          inFrom += bytes + 2;
        }
        yield bytes;
      }
      case '_' -> MISSING;
      case '-' -> {
        error = new String(in, from + 1, end - from - 1, StandardCharsets.UTF_8);
        yield FAILED;
      }
      default -> DONE;
    };
  }

  /// What the last error said.
  String error() {
    return error;
  }

  /// Whether one answer at least has arrived as a whole.
  boolean hasAnswer() {
    for (int i = inFrom; i + 1 < inTo; i++) {
      if (in[i] == '\r') {
        int bytes = in[inFrom] == '$' ? number(inFrom + 1, i) : MISSING;
        return bytes < 0 ? i + 2 <= inTo : i + 2 + bytes + 2 <= inTo;
      }
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /// A whole number; anything with a sign is [#MISSING].
  private int number(int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      if (in[i] == '-') {
        return MISSING;
      }
      value = value * 10 + in[i] - '0';
    }
    return value;
  }

  /// Position of the end of the first line, read as far as needed.
  private int line() throws IOException {
    int at = inFrom;
    while (true) {
      while (at + 1 < inTo) {
        if (in[at] == '\r' && in[at + 1] == '\n') {
          return at;
        }
        at++;
      }
      int scanned = at - inFrom;
      fill();
      at = inFrom + scanned;
    }
  }

  private void require(int bytes) throws IOException {
    while (inTo - inFrom < bytes) {
      fill();
    }
  }

  private void fill() throws IOException {
    if (inFrom > 0) {
      System.arraycopy(in, inFrom, in, 0, inTo - inFrom);
      inTo -= inFrom;
      inFrom = 0;
    }
    if (inTo == in.length) {
      in = Arrays.copyOf(in, in.length * 2);
    }
    int count = input.read(in, inTo, in.length - inTo);
    if (count < 0) {
      throw new IOException("the server has closed the connection");
    }
    inTo += count;
  }
}
