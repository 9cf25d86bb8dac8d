package dev.henge.benchmark.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// The loader against a few lines of server: every key is set once, and a wrong value is noticed.
final class RespClientTest {
  private static final long PAIRS = 1000;

  @Test
  void loadsEveryPairOnceAndReadsBackWhatIsThere() throws Exception {
    Map<String, byte[]> stored = new HashMap<>();
    try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Long> sets = executor.submit(() -> serve(listening, stored));
      try (var client =
          new RespClient(listening.getInetAddress().getHostAddress(), listening.getLocalPort())) {
        client.load(PAIRS, done -> {});
        assertTrue(client.read(PAIRS, 0.01, 1) > 0);
        assertEquals(PAIRS, stored.size());
        stored.values().forEach(value -> value[0]++);
        assertThrows(IOException.class, () -> client.read(PAIRS, 0.01, 2));
      }
      assertEquals(Long.valueOf(PAIRS), sets.get());
    }
  }

  @Test
  void keysAreThoseOfRedisBenchmark() {
    byte[] key = new byte[PairText.KEY_BYTES];
    PairText.key(1234, key, 0);
    assertArrayEquals("key:000000001234".getBytes(StandardCharsets.US_ASCII), key);
  }

  /// Answers SET and GET until the client goes.
  private static long serve(ServerSocket listening, Map<String, byte[]> stored) throws IOException {
    long sets = 0;
    try (Socket socket = listening.accept()) {
      var input = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      var output = new BufferedOutputStream(socket.getOutputStream());
      while (true) {
        if (input.available() == 0) {
          output.flush();
        }
        int parts = input.read() < 0 ? 0 : number(input);
        if (parts == 0) {
          return sets;
        }
        part(input);
        String key = new String(part(input), StandardCharsets.US_ASCII);
        if (parts == 3) {
          stored.put(key, part(input));
          sets++;
          output.write("+OK\r\n".getBytes(StandardCharsets.US_ASCII));
        } else {
          byte[] value = Objects.requireNonNull(stored.get(key));
          output.write(("$" + value.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
          output.write(value);
          output.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
      }
    } catch (IOException gone) {
      return sets;
    }
  }

  private static byte[] part(DataInputStream input) throws IOException {
    input.readByte();
    byte[] bytes = new byte[number(input)];
    input.readFully(bytes);
    input.readShort();
    return bytes;
  }

  private static int number(DataInputStream input) throws IOException {
    int number = 0;
    for (byte next = input.readByte(); next != '\r'; next = input.readByte()) {
      number = number * 10 + next - '0';
    }
    input.readByte();
    return number;
  }
}
