package dev.henge.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.storage.ModelEngine;
import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;

/// Requests of one connection to an eventual keyspace that are sent without waiting.
class EventualOrderTest {
  private final RespFixture fixture = new RespFixture(new ModelEngine(), RespOptions.defaults());
  private final MemoryConnection connection = fixture.connect();

  @Test
  void repliesKeepTheOrderOfRequestsWhoeverAnswersFirst() {
    select();
    say("MSET a 1 b 2");
    assertEquals("+OK\r\n", connection.takeSent());
    fixture.eventual.hold();
    say("GET a", "HENGE.GET b R 1", "GET missing");
    assertEquals(3, fixture.eventual.heldCount());
    fixture.eventual.release(2);
    fixture.eventual.release(1);
    connection.runTasks();
    assertEquals("", connection.takeSent());
    fixture.eventual.release(0);
    connection.runTasks();
    String replies = connection.takeSent();
    assertTrue(replies.startsWith("$1\r\n1\r\n*2\r\n"), replies);
    assertTrue(replies.endsWith("$1\r\n2\r\n$-1\r\n"), replies);
  }

  @Test
  void aReadSentBehindAWriteSeesIt() {
    select();
    fixture.eventual.hold();
    say("SET a 1", "GET a", "INCR n", "GET n", "SET a 2", "GET a");
    while (fixture.eventual.heldCount() > 0) {
      fixture.eventual.release(fixture.eventual.heldCount() - 1);
      connection.runTasks();
    }
    assertEquals("+OK\r\n$1\r\n1\r\n:1\r\n$1\r\n1\r\n+OK\r\n$1\r\n2\r\n", connection.takeSent());
  }

  /// What is not handed over waits until all that is has been answered; errors do, too.
  @Test
  void otherCommandsAndErrorsWaitTheirTurn() {
    select();
    fixture.eventual.hold();
    say("SET a 1", "PING", "APPEND a b", "HENGE.GET a R 9", "HENGE.GET a R", "SELECT 0", "GET a");
    connection.runTasks();
    assertEquals("", connection.takeSent());
    fixture.eventual.release(0);
    connection.runTasks();
    assertEquals(
        "+OK\r\n+PONG\r\n-ERR APPEND needs a strong or cache keyspace\r\n"
            + "-ERR R is 9, and keyspace 'carts' has 3 copies of a key\r\n"
            + "-ERR syntax error\r\n+OK\r\n$-1\r\n",
        connection.takeSent());
  }

  @Test
  void aConnectionThatGoesLeavesNothingBehind() {
    select();
    fixture.eventual.hold();
    say("SET a 1", "GET a");
    connection.close();
    while (fixture.eventual.heldCount() > 0) {
      fixture.eventual.release(0);
    }
    connection.runTasks();
    assertEquals("", connection.takeSent());
  }

  @Test
  void whatIsAskedForMostIsTold() {
    say("HENGE.HOTKEYS");
    assertEquals("*0\r\n", connection.takeSent());
    select();
    for (int i = 0; i < 32; i++) {
      say("GET hot");
    }
    connection.takeSent();
    say("HENGE.HOTKEYS 1", "HENGE.HOTKEYS 0");
    String replies = connection.takeSent();
    // One of 16 requests is counted, within a first second.
    assertEquals(
        "*1\r\n*4\r\n$5\r\ncarts\r\n$3\r\nhot\r\n:32\r\n:100\r\n" + "-ERR count is 1 to 256\r\n",
        replies);
  }

  private void select() {
    say("SELECT carts");
    assertEquals("+OK\r\n", connection.takeSent());
  }

  private void say(String... requests) {
    var bytes = new ByteArrayOutputStream();
    for (String request : requests) {
      bytes.writeBytes(RespFixture.request(request.split(" ")));
    }
    connection.receive(bytes.toByteArray());
  }
}
