package dev.henge.simulation.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.group.ConsensusGroup.ReadLevel;
import dev.henge.simulation.check.Action;
import dev.henge.simulation.workload.Task;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// What a client takes an answer for, against a node that answers from a script.
@NullMarked
final class ClientTest {
  private static final Task WRITE = write();

  private final Ledger ledger = new Ledger(0);

  @Test
  void anUnknownWriteWithoutAnIdIsNotTriedAgain() throws IOException {
    List<String> asked = run(false, "-UNKNOWN maybe\r\n", "+OK\r\n");
    assertEquals(List.of("SET"), asked);
    assertEquals(1, ledger.unknownCount());
    assertEquals(0, ledger.answeredCount());
    assertEquals(List.of(), ledger.judge());
  }

  @Test
  void anUnknownWriteWithAnIdIsTriedUnderTheSameId() throws IOException {
    List<String> asked = run(true, "-UNKNOWN maybe\r\n", "-UNAVAILABLE no\r\n", "+OK\r\n");
    assertEquals(3, asked.size());
    assertTrue(asked.getFirst().startsWith("HENGE.REQUEST "), asked.toString());
    assertEquals(1, asked.stream().distinct().count(), asked.toString());
    assertEquals(1, ledger.answeredCount());
    assertEquals(0, ledger.unknownCount());
  }

  @Test
  void aLostConnectionIsAnUnknownOutcome() throws IOException {
    run(false, "");
    assertEquals(1, ledger.unknownCount());
  }

  @Test
  void aRefusalIsTriedAgain() throws IOException {
    List<String> asked = run(false, "-UNAVAILABLE no\r\n", "-OVERLOADED no\r\n", "+OK\r\n");
    assertEquals(List.of("SET", "SET", "SET"), asked);
    assertEquals(1, ledger.answeredCount());
    assertEquals(List.of(), ledger.judge());
  }

  @Test
  void anAnswerThatMakesNoSenseIsAViolation() throws IOException {
    run(false, ":7\r\n");
    assertEquals(1, ledger.judge().size());
  }

  /// Lets a client do one write against a node that gives these answers, one to a connection or
  /// request; an empty one closes the connection.
  ///
  /// @return what it was asked, a request id with its command's name left out
  private List<String> run(boolean givesIds, String... answers) throws IOException {
    Deque<String> script = new ArrayDeque<>(List.of(answers));
    List<String> asked = new ArrayList<>();
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                while (!server.isClosed()) {
                  try (Socket socket = server.accept()) {
                    serve(socket, script, asked);
                  } catch (IOException lost) {
                    // The client has gone on to another connection, or is done.
                  }
                }
              });
      var tasks = new ArrayDeque<>(List.of(WRITE));
      var address = new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
      new Client(new OneDoor(address), ledger, randomness(givesIds), () -> 1, tasks::poll, "", 0)
          .run();
      server.close();
      thread.join();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return asked;
  }

  private record OneDoor(InetSocketAddress address) implements Client.Doors {
    @Override
    public List<Integer> seats() {
      return List.of(0);
    }

    @Override
    public RespConnection connect(int node) throws IOException {
      return new RespConnection(address, 60_000, 60_000);
    }
  }

  private static void serve(Socket socket, Deque<String> script, List<String> asked)
      throws IOException {
    var in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    while (true) {
      List<String> words = words(in);
      if (words.isEmpty()) {
        return;
      }
      asked.add(words.getFirst().equals("SET") ? "SET" : words.getFirst() + " " + words.get(1));
      String answer = script.remove();
      if (answer.isEmpty()) {
        return;
      }
      socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /// The words of a request; none at the end of the connection.
  private static List<String> words(BufferedReader in) throws IOException {
    String head = in.readLine();
    List<String> words = new ArrayList<>();
    if (head != null) {
      for (int i = Integer.parseInt(head.substring(1)); i > 0; i--) {
        in.readLine();
        words.add(in.readLine());
      }
    }
    return words;
  }

  /// A seed whose first draw says whether the client gives ids.
  private static SeededRandomness randomness(boolean givesIds) {
    long seed = 0;
    while (new SeededRandomness(seed).chance(50) != givesIds) {
      seed++;
    }
    return new SeededRandomness(seed);
  }

  private static Task write() {
    return new Task(
        0, ReadLevel.LINEARIZABLE, List.of(new Task.Step("key", new Action.Put("value"))), false);
  }
}
