package dev.henge.benchmark.strong;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;

/// A closed loop over one RESP connection: each answer makes room for the next request, and what
/// became free together is sent together.
///
/// - Threads: one.
final class RespLoop implements AutoCloseable {
  private static final byte[] SET = ascii("*3\r\n$3\r\nSET\r\n$16\r\n");
  private static final byte[] SET_VALUE = ascii("\r\n$" + Load.VALUE_BYTES + "\r\n");
  private static final byte[] GET = ascii("*2\r\n$3\r\nGET\r\n$16\r\n");
  private static final byte[] END = ascii("\r\n");
  private static final int REQUEST_BYTES_MAX = 512;

  private final Socket socket;
  private final InputStream input;
  private final OutputStream output;
  private byte[] in = new byte[1 << 16];
  private int inFrom;
  private int inTo;

  RespLoop(String host, int port) throws IOException {
    socket = new Socket(host, port);
    socket.setTcpNoDelay(true);
    input = socket.getInputStream();
    output = socket.getOutputStream();
  }

  /// Runs until `endNanos`, then waits for what is under way.
  ///
  /// @param latencies gets every answer that is no error
  /// @return how many answers were errors
  long run(Load load, int window, long seed, long endNanos, Histogram latencies)
      throws IOException {
    var random = new SplittableRandom(seed);
    long[] sentNanos = new long[window];
    byte[] out = new byte[window * REQUEST_BYTES_MAX];
    long sent = 0;
    long answered = 0;
    long errors = 0;
    int length = 0;
    boolean going = true;
    while (going || answered < sent) {
      long now = System.nanoTime();
      going = now < endNanos;
      while (going && sent - answered < window) {
        length = add(load, random.nextLong(load.keys()), out, length);
        sentNanos[(int) (sent++ % window)] = now;
      }
      output.write(out, 0, length);
      length = 0;
      if (sent == answered) {
        break;
      }
      boolean first = true;
      while (answered < sent && (first || complete())) {
        boolean good = answer();
        first = false;
        long latency = System.nanoTime() - sentNanos[(int) (answered++ % window)];
        if (good) {
          latencies.recordValue(latency);
        } else {
          errors++;
        }
      }
    }
    return errors;
  }

  /// Sends `words` and gives back the answer's first line.
  String ask(String... words) throws IOException {
    var request = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      request.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    output.write(ascii(request.toString()));
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

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private static int add(Load load, long key, byte[] out, int at) {
    boolean put = load.kind() == Load.Kind.PUT;
    int length = append(put ? SET : GET, out, at);
    Load.key(key, out, length);
    length += Load.KEY_BYTES;
    if (put) {
      length = append(SET_VALUE, out, length);
      Load.value(key, out, length);
      length += Load.VALUE_BYTES;
    }
    return append(END, out, length);
  }

  private static int append(byte[] bytes, byte[] out, int at) {
    System.arraycopy(bytes, 0, out, at, bytes.length);
    return at + bytes.length;
  }

  /// Reads one answer; false for an error.
  private boolean answer() throws IOException {
    int end = line();
    byte kind = in[inFrom];
    int bytes = -1;
    if (kind == '$' && in[inFrom + 1] != '-') {
      bytes = 0;
      for (int i = inFrom + 1; i < end; i++) {
        bytes = bytes * 10 + in[i] - '0';
      }
    }
    inFrom = end + 2;
    if (bytes >= 0) {
      require(bytes + 2);
      inFrom += bytes + 2;
    }
    return kind != '-';
  }

  /// Whether one answer at least has arrived as a whole.
  private boolean complete() {
    for (int i = inFrom; i + 1 < inTo; i++) {
      if (in[i] == '\r') {
        if (in[inFrom] != '$' || in[inFrom + 1] == '-') {
          return true;
        }
        int bytes =
            Integer.parseInt(new String(in, inFrom + 1, i - inFrom - 1, StandardCharsets.US_ASCII));
        return i + 2 + bytes + 2 <= inTo;
      }
    }
    return false;
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

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
