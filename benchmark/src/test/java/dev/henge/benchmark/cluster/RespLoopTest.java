package dev.henge.benchmark.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// The loop against a server of a few lines, which says what it was asked.
final class RespLoopTest {
  private static final int WINDOW = 3;

  @Test
  void everyRequestIsAnsweredOnceAndModifiedAfterItWasRead() throws Exception {
    List<Request> requests =
        List.of(
            new Request(Operation.READ, 1),
            new Request(Operation.WRITE, 2),
            new Request(Operation.READ_MODIFY_WRITE, 3),
            new Request(Operation.READ, 404),
            new Request(Operation.READ, 500),
            new Request(Operation.WRITE, 6));
    var recorder = new Recorder(System.nanoTime());
    List<String> asked = asked(requests.iterator(), recorder);
    assertEquals(7, asked.size(), asked::toString);
    assertTrue(asked.indexOf("GET 3") < asked.indexOf("SET 3"), asked::toString);
    assertEquals(
        List.of("GET 1", "GET 3", "GET 404", "GET 500", "SET 2", "SET 3", "SET 6"),
        asked.stream().sorted().toList());
    Sample sample = recorder.sample(1);
    assertEquals(5, sample.requestsPerSecond(), 0.001);
    assertEquals(1, sample.errorCount());
    assertEquals(1, sample.missingCount());
    assertEquals("ERR no", sample.firstError());
  }

  private static List<String> asked(Iterator<Request> requests, Recorder recorder)
      throws Exception {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<List<String>> asked = thread.submit(() -> serve(server));
      try (var connection = new RespConnection("127.0.0.1", server.getLocalPort())) {
        var part = new Loops.Part(0, requests, WINDOW, Long.MAX_VALUE, recorder);
        new RespLoop(connection, new Pairs(20)).run(part);
      }
      return asked.get();
    }
  }

  /// Answers one connection; what keys 404 and 500 get is no value.
  private static List<String> serve(ServerSocket server) throws IOException {
    List<String> asked = new ArrayList<>();
    try (Socket socket = server.accept();
        var in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      String words = in.readLine();
      while (words != null) {
        in.readLine();
        String command = in.readLine();
        in.readLine();
        int key = Integer.parseInt(in.readLine());
        if (words.equals("*3")) {
          in.readLine();
          assertEquals(20, in.readLine().length());
        }
        asked.add(command + " " + key);
        String answer =
            command.equals("SET")
                ? "+OK\r\n"
                : key == 404 ? "$-1\r\n" : key == 500 ? "-ERR no\r\n" : "$3\r\nabc\r\n";
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        words = in.readLine();
      }
    }
    return asked;
  }
}
