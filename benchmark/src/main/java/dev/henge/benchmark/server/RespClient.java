package dev.henge.benchmark.server;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/// Loads pairs into a server and reads them back, many commands a packet, on one connection.
///
/// - Threads: one.
final class RespClient implements AutoCloseable {
  /// Commands sent before their replies are read: small enough that both fit into socket buffers.
  private static final int BATCH = 256;

  private static final int BUFFER_BYTES = 1 << 16;
  private static final byte[] SET = ascii("*3\r\n$3\r\nSET\r\n$16\r\n");
  private static final byte[] SET_VALUE = ascii("\r\n$100\r\n");
  private static final byte[] GET = ascii("*2\r\n$3\r\nGET\r\n$16\r\n");
  private static final byte[] END = ascii("\r\n");
  private static final byte[] STORED = ascii("+OK\r\n");
  private static final byte[] FOUND = ascii("$100\r\n");

  private final Socket socket;
  private final DataInputStream input;
  private final OutputStream output;
  private final byte[] request = new byte[BATCH * 160];
  private int length;

  RespClient(String host, int port) throws IOException {
    socket = new Socket(host, port);
    socket.setTcpNoDelay(true);
    input = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
    output = socket.getOutputStream();
  }

  /// Sets keys 0 to `count`, in an order without pattern.
  ///
  /// @param progress told from time to time how many are done
  void load(long count, LongConsumer progress) throws IOException {
    // A step that shares no divisor with the count meets every key once.
    long step = coprime(count);
    long index = 0;
    for (long done = 0; done < count; done += BATCH) {
      int batch = (int) Math.min(BATCH, count - done);
      for (int i = 0; i < batch; i++) {
        add(SET);
        addKey(index);
        add(SET_VALUE);
        PairText.value(index, request, length);
        length += PairText.VALUE_BYTES;
        add(END);
        index = (index + step) % count;
      }
      send();
      for (int i = 0; i < batch; i++) {
        expect(STORED, "SET");
      }
      if (done / BATCH % 256 == 0) {
        progress.accept(done);
      }
    }
  }

  /// Gets random keys below `count` and checks their values.
  ///
  /// @return gets a second
  double read(long count, double seconds, long seed) throws IOException {
    var random = new SplittableRandom(seed);
    long[] asked = new long[BATCH];
    byte[] found = new byte[PairText.VALUE_BYTES];
    byte[] expected = new byte[PairText.VALUE_BYTES];
    long startNanos = System.nanoTime();
    double elapsed = 0;
    long done = 0;
    while (elapsed < seconds) {
      for (int i = 0; i < BATCH; i++) {
        asked[i] = random.nextLong(count);
        add(GET);
        addKey(asked[i]);
        add(END);
      }
      send();
      for (long index : asked) {
        expect(FOUND, "GET");
        input.readFully(found);
        PairText.value(index, expected, 0);
        if (!Arrays.equals(found, expected)) {
          throw new IOException("key " + index + " has a value that was never written");
        }
        expect(END, "GET");
      }
      done += BATCH;
      elapsed = (System.nanoTime() - startNanos) / 1e9;
    }
    return done / elapsed;
  }

  /// The value of `field` in the answer to INFO; empty when there is none.
  String info(String field) throws IOException {
    add(ascii("*1\r\n$4\r\nINFO\r\n"));
    send();
    String header = line();
    if (!header.startsWith("$")) {
      throw new IOException("INFO is answered by " + header);
    }
    byte[] text = new byte[Integer.parseInt(header.substring(1))];
    input.readFully(text);
    expect(END, "INFO");
    return new String(text, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith(field + ":"))
        .map(line -> line.substring(field.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void addKey(long index) {
    PairText.key(index, request, length);
    length += PairText.KEY_BYTES;
  }

  private void add(byte[] part) {
    System.arraycopy(part, 0, request, length, part.length);
    length += part.length;
  }

  private void send() throws IOException {
    output.write(request, 0, length);
    length = 0;
  }

  private void expect(byte[] reply, String command) throws IOException {
    for (int i = 0; i < reply.length; i++) {
      byte next = input.readByte();
      if (next != reply[i]) {
        String head = new String(reply, 0, i, StandardCharsets.US_ASCII) + (char) next;
        throw new IOException(command + " is answered by " + head + line());
      }
    }
  }

  private String line() throws IOException {
    var text = new StringBuilder();
    for (char next = (char) input.readByte(); next != '\r'; next = (char) input.readByte()) {
      text.append(next);
    }
    input.readByte();
    return text.toString();
  }

  private static long coprime(long count) {
    long step = (long) (count * 0.618) | 1;
    while (divisor(step, count) != 1) {
      step += 2;
    }
    return step;
  }

  private static long divisor(long a, long b) {
    return b == 0 ? a : divisor(b, a % b);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
