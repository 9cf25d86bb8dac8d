package dev.henge.benchmark.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// A closed loop over one RESP connection: each answer makes room for the next request, and what
/// became free together is sent together.
///
/// - Threads: one.
public final class RespLoop {
  private static final byte[] SET = ascii("*3\r\n$3\r\nSET\r\n$16\r\n");
  private static final byte[] GET = ascii("*2\r\n$3\r\nGET\r\n$16\r\n");
  private static final byte[] END = ascii("\r\n");

  private final RespConnection connection;
  private final Pairs pairs;
  private final byte[] setValue;

  /// @param connection the caller's to close
  public RespLoop(RespConnection connection, Pairs pairs) {
    this.connection = connection;
    this.pairs = pairs;
    this.setValue = ascii("\r\n$" + pairs.valueBytes() + "\r\n");
  }

  /// What is under way, in a ring: answers come in the order of the requests.
  private static final class Window {
    private final int size;
    private final long[] sentNanos;
    private final long[] keys;
    private final boolean[] modifies;
    private long sent;
    private long answered;

    Window(int size) {
      this.size = size;
      this.sentNanos = new long[size];
      this.keys = new long[size];
      this.modifies = new boolean[size];
    }

    boolean hasRoom() {
      return sent - answered < size;
    }

    boolean isEmpty() {
      return sent == answered;
    }

    void add(long key, boolean thenModifies, long nanos) {
      int slot = (int) (sent++ % size);
      keys[slot] = key;
      modifies[slot] = thenModifies;
      sentNanos[slot] = nanos;
    }

    /// The slot of the oldest, whose room is free again.
    int take() {
      return (int) (answered++ % size);
    }
  }

  /// Runs `part` to its end.
  public void run(Loops.Part part) throws IOException {
    var window = new Window(part.window());
    while (true) {
      long now = System.nanoTime();
      while (now < part.endNanos() && window.hasRoom() && part.requests().hasNext()) {
        Request next = part.requests().next();
        boolean modifies = next.operation() == Operation.READ_MODIFY_WRITE;
        send(next.key(), next.operation() == Operation.WRITE);
        window.add(next.key(), modifies, now);
      }
      connection.flush();
      if (window.isEmpty()) {
        return;
      }
      do {
        take(window, part.recorder());
      } while (!window.isEmpty() && connection.hasAnswer());
    }
  }

  private void take(Window window, Recorder recorder) throws IOException {
    int answer = connection.answer();
    int slot = window.take();
    long sentNanos = window.sentNanos[slot];
    if (answer == RespConnection.FAILED) {
      recorder.failed(connection.error());
    } else if (window.modifies[slot]) {
      long key = window.keys[slot];
      send(key, true);
      window.add(key, false, sentNanos);
    } else {
      recorder.answered(sentNanos, answer == RespConnection.MISSING);
    }
  }

  private void send(long key, boolean writes) {
    connection.add(writes ? SET : GET);
    int at = connection.reserve(Pairs.KEY_BYTES);
    Pairs.key(key, connection.out(), at);
    if (writes) {
      connection.add(setValue);
      at = connection.reserve(pairs.valueBytes());
      pairs.value(System.nanoTime(), connection.out(), at);
    }
    connection.add(END);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
