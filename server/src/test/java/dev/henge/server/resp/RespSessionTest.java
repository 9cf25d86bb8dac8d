package dev.henge.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.consensus.metadata.KeyspaceMode;
import dev.henge.data.Scope;
import dev.henge.server.store.Keyspace;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// When replies leave, who works on a session, and what is bounded.
class RespSessionTest {
  private final LogEngine engine = new LogEngine();
  private final RespFixture fixture =
      new RespFixture(engine, RespOptions.defaults().withOutput(64 << 10, 4 << 20));

  @Test
  void repliesWaitForTheLogInOrder() {
    MemoryConnection connection = fixture.connect();
    connection.receive(
        joined(
            RespFixture.request("PING"),
            RespFixture.request("SET", "a", "1"),
            RespFixture.request("GET", "a")));
    assertEquals("+PONG\r\n", connection.takeSent(), "what came before the write need not wait");
    connection.receive(RespFixture.request("INCR", "a"));
    connection.receive(RespFixture.request("PING"));
    assertEquals("", connection.takeSent());
    engine.commit();
    connection.runTasks();
    assertEquals("+OK\r\n$1\r\n1\r\n:2\r\n+PONG\r\n", connection.takeSent());
  }

  /// A connection goes on after what is too long for it.
  @Test
  void aReplyThatIsTooLongGivesWayToAnError() {
    var log = new LogEngine();
    var small = new RespFixture(log, RespOptions.defaults().withOutput(1 << 10, 4 << 10));
    MemoryConnection connection = small.connect();
    connection.receive(RespFixture.request("SET", "a", "x".repeat(2000)));
    log.commit();
    connection.runTasks();
    assertEquals("+OK\r\n", connection.takeSent());
    connection.receive(
        joined(RespFixture.request("MGET", "a", "a", "a"), RespFixture.request("PING")));
    String[] replies = connection.takeSent().split("\r\n");
    assertEquals(2, replies.length);
    assertTrue(replies[0].startsWith("-ERR done, but the reply of 60"), replies[0]);
    assertEquals("+PONG", replies[1]);
  }

  /// Longer values than those of databases are read in full; the databases refuse them by name.
  @Test
  void aKeyspaceTakesValuesAsLongAsItDeclares() {
    fixture.keyspaces.serve(
        new Keyspace("large", -1, 1025, KeyspaceMode.STRONG, fixture.group),
        new Scope.Limits(64 << 10, 3 << 20, 0));
    String value = "x".repeat(2 << 20);
    MemoryConnection connection = fixture.connect();
    connection.receive(RespFixture.request("SET", "a", value));
    String refused = connection.takeSent();
    assertTrue(refused.startsWith("-ERR "), refused);
    connection.receive(
        joined(RespFixture.request("SELECT", "large"), RespFixture.request("SET", "a", value)));
    engine.commit();
    connection.runTasks();
    assertEquals("+OK\r\n+OK\r\n", connection.takeSent());
  }

  @Test
  void aReadDoesNotWaitForWritesOfOthers() {
    MemoryConnection writer = fixture.connect();
    MemoryConnection reader = fixture.connect();
    writer.receive(RespFixture.request("SET", "a", "1"));
    reader.receive(RespFixture.request("PING"));
    assertEquals("+PONG\r\n", reader.takeSent());
    assertEquals("", writer.takeSent());
  }

  @Test
  void manyWaitersAreOneRegistration() {
    MemoryConnection[] connections = new MemoryConnection[20];
    for (int i = 0; i < connections.length; i++) {
      connections[i] = fixture.connect();
      connections[i].receive(RespFixture.request("SET", "key" + i, "x"));
    }
    assertEquals(1, engine.registrations);
    engine.commit();
    connections[0].runTasks();
    for (MemoryConnection connection : connections) {
      assertEquals("+OK\r\n", connection.takeSent());
    }
  }

  @Test
  void aStoppedLogLeavesHeldRepliesUnknown() {
    MemoryConnection connection = fixture.connect();
    connection.receive(
        joined(
            RespFixture.request("PING"),
            RespFixture.request("SET", "a", "1"),
            RespFixture.request("SET", "b", "1")));
    assertEquals("+PONG\r\n", connection.takeSent());
    connection.receive(RespFixture.request("GET", "a"));
    engine.stop();
    connection.runTasks();
    String[] replies = connection.takeSent().split("\r\n");
    assertEquals(3, replies.length);
    for (String reply : replies) {
      assertTrue(reply.startsWith("-UNKNOWN "), reply);
    }
    connection.receive(RespFixture.request("SET", "a", "2"));
    assertTrue(connection.takeSent().startsWith("-STOPPED "));
    connection.receive(RespFixture.request("PING"));
    assertEquals("+PONG\r\n", connection.takeSent());
  }

  @Test
  void whatNeedsTheDiskGoesToAWorkerAndKeepsItsPlace() {
    MemoryConnection connection = fixture.connect();
    MemoryConnection other = fixture.connect();
    connection.receive(RespFixture.request("SET", "a", "1"));
    engine.commit();
    connection.runTasks();
    connection.takeSent();
    engine.onDisk = true;
    fixture.threads.hold();
    connection.receive(
        joined(
            RespFixture.request("PING"),
            RespFixture.request("GET", "a"),
            RespFixture.request("ECHO", "behind")));
    assertEquals("+PONG\r\n", connection.takeSent());
    connection.receive(RespFixture.request("ECHO", "later"));
    other.receive(RespFixture.request("PING"));
    assertEquals("+PONG\r\n", other.takeSent(), "nobody else is held up");
    assertEquals("", connection.takeSent());
    fixture.threads.runWaiting();
    connection.runTasks();
    assertEquals("$1\r\n1\r\n$6\r\nbehind\r\n$5\r\nlater\r\n", connection.takeSent());
  }

  @Test
  void onlyTheFirstRequestOfABatchFetchesABlock() {
    MemoryConnection connection = fixture.connect();
    connection.receive(RespFixture.request("SET", "a", "1"));
    engine.commit();
    connection.runTasks();
    connection.takeSent();
    engine.onDisk = true;
    engine.resident = true;
    fixture.threads.hold();
    connection.receive(RespFixture.request("GET", "a"));
    assertEquals("$1\r\n1\r\n", connection.takeSent());
    connection.receive(
        joined(
            RespFixture.request("GET", "a"),
            RespFixture.request("PING"),
            RespFixture.request("GET", "a")));
    assertEquals("$1\r\n1\r\n+PONG\r\n", connection.takeSent());
    assertEquals(1, fixture.threads.waitingCount());
    fixture.threads.runWaiting();
    connection.runTasks();
    assertEquals("$1\r\n1\r\n", connection.takeSent());
  }

  @Test
  void unfinishedRequestsOfAllConnectionsAreBoundedTogether() {
    var bounded = new RespFixture(engine, RespOptions.defaults().withInput(1 << 20, 1 << 20));
    String start = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$600000\r\n";
    MemoryConnection first = bounded.connect();
    MemoryConnection second = bounded.connect();
    first.receive(RespFixture.ascii(start + "x".repeat(500_000)));
    assertEquals("", first.takeSent());
    assertTrue(bounded.server.inputBytes().total() >= 500_000);
    second.receive(RespFixture.ascii(start + "x".repeat(300_000)));
    assertEquals("", second.takeSent());
    second.receive(RespFixture.ascii("x".repeat(299_000)));
    String refusal = second.takeSent();
    assertTrue(refusal.startsWith("-OVERLOADED "), refusal);
    assertTrue(second.isClosed());
    MemoryConnection third = bounded.connect();
    third.receive(RespFixture.request("PING"));
    assertEquals("+PONG\r\n", third.takeSent());
    first.receive(RespFixture.ascii("x".repeat(100_000) + "\r\n"));
    engine.commit();
    first.runTasks();
    assertEquals("+OK\r\n", first.takeSent());
    assertEquals(0, bounded.server.inputBytes().total());
  }

  @Test
  void queuedCommandsCountAsUnfinished() {
    var bounded = new RespFixture(engine, RespOptions.defaults().withInput(1 << 20, 1 << 20));
    MemoryConnection connection = bounded.connect();
    connection.receive(RespFixture.request("MULTI"));
    connection.receive(RespFixture.request("SET", "a", "x".repeat(600_000)));
    assertEquals("+OK\r\n+QUEUED\r\n", connection.takeSent());
    connection.receive(RespFixture.request("SET", "b", "x".repeat(600_000)));
    assertTrue(connection.takeSent().contains("-OVERLOADED "));
    assertTrue(connection.isClosed());
    assertEquals(0, bounded.server.inputBytes().total());
  }

  @Test
  void infoTellsOfDatabasesAsClientsReadIt() {
    MemoryConnection connection = fixture.connect();
    connection.receive(
        joined(
            RespFixture.request("SET", "a", "1"),
            RespFixture.request("SET", "b", "1", "PX", "3000"),
            RespFixture.request("SELECT", "7"),
            RespFixture.request("SET", "c", "1", "PX", "1000")));
    engine.commit();
    connection.runTasks();
    connection.takeSent();
    connection.receive(RespFixture.request("INFO", "keyspace"));
    connection.runTasks();
    String info = connection.takeSent();
    assertTrue(
        info.endsWith(
            "# Keyspace\r\ndb0:keys=2,expires=1,avg_ttl=3000\r\n"
                + "db7:keys=1,expires=1,avg_ttl=1000\r\n\r\n"),
        info);
  }

  @Test
  void tooManyWaitersAreToldSo() {
    MemoryConnection connection = fixture.connect();
    engine.onDisk = true;
    fixture.threads.full(true);
    connection.receive(joined(RespFixture.request("GET", "a"), RespFixture.request("PING")));
    String sent = connection.takeSent();
    assertTrue(sent.startsWith("-OVERLOADED "), sent);
    assertTrue(sent.endsWith("+PONG\r\n"), sent);
  }

  @Test
  void theIdleTimeoutClosesOnlyWhatIsIdleWhateverTheWallClockDoes() {
    var timed =
        new RespFixture(engine, RespOptions.defaults().withIdleTimeout(Duration.ofSeconds(10)));
    MemoryConnection idle = timed.connect();
    MemoryConnection busy = timed.connect();
    timed.clock.wallMillis += 3_600_000;
    timed.threads.tick();
    assertFalse(idle.isClosed());
    timed.clock.wallMillis -= 7_200_000;
    for (int i = 0; i < 2; i++) {
      timed.clock.monotonicNanos += 6_000_000_000L;
      busy.receive(RespFixture.request("PING"));
      timed.threads.tick();
    }
    assertTrue(idle.isClosed());
    assertFalse(busy.isClosed());
  }

  @Test
  void aServerThatEndsAnswersWhatItHasTaken() {
    MemoryConnection idle = fixture.connect();
    MemoryConnection busy = fixture.connect();
    busy.receive(RespFixture.request("SET", "a", "1"));
    assertEquals("", busy.takeSent());
    var done = fixture.server.finish();
    idle.runTasks();
    busy.runTasks();
    assertTrue(idle.isClosed());
    assertFalse(busy.isClosed());
    busy.receive(RespFixture.request("SET", "a", "2"));
    engine.commit();
    busy.runTasks();
    assertEquals("+OK\r\n", busy.takeSent());
    assertTrue(busy.isClosed());
    assertTrue(done.isDone());
  }

  @Test
  void sleepHoldsUpOnlyItsOwnConnection() {
    MemoryConnection connection = fixture.connect();
    fixture.threads.hold();
    connection.receive(
        joined(RespFixture.request("DEBUG", "SLEEP", "5"), RespFixture.request("PING")));
    assertEquals("", connection.takeSent());
    fixture.threads.runWaiting();
    connection.runTasks();
    assertEquals("+OK\r\n+PONG\r\n", connection.takeSent());
  }

  @Test
  void aSlowReaderStopsBeingServedAndThenGoesOn() {
    MemoryConnection connection = fixture.connect();
    connection.receive(RespFixture.request("SET", "big", "x".repeat(10_000)));
    engine.commit();
    connection.runTasks();
    connection.takeSent();
    connection.stuck(true);
    var requests = new ByteArrayOutputStream();
    int count = 1000;
    for (int i = 0; i < count; i++) {
      requests.writeBytes(RespFixture.request("GET", "big"));
    }
    connection.receive(requests.toByteArray());
    int answered = count(connection.takeSent());
    assertTrue(answered < 40, "answered " + answered + " though nothing was taken");
    while (answered < count) {
      connection.stuck(false);
      int more = count(connection.takeSent());
      assertTrue(more > 0, "stuck after " + answered);
      answered += more;
      connection.stuck(true);
    }
    assertEquals(count, answered);
  }

  private static int count(String sent) {
    return sent.split("\\$10000\r\n", -1).length - 1;
  }

  @Test
  void oneConnectionTooManyIsRefused() {
    var small = new RespFixture(new LogEngine(), RespOptions.defaults().withConnectionCountMax(1));
    MemoryConnection first = small.connect();
    MemoryConnection second = small.connect();
    assertEquals("-ERR max number of clients reached\r\n", second.takeSent());
    assertTrue(second.isClosed());
    assertFalse(first.isClosed());
    first.close();
    MemoryConnection third = small.connect();
    third.receive(RespFixture.request("PING"));
    assertEquals("+PONG\r\n", third.takeSent());
  }

  @Test
  void anOversizedValueIsRefusedAndTheConnectionClosed() {
    MemoryConnection connection = fixture.connect();
    connection.receive(RespFixture.ascii("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2000000000\r\n"));
    assertEquals("-ERR Protocol error: invalid bulk length\r\n", connection.takeSent());
    assertTrue(connection.isClosed());
  }

  private static byte[] joined(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
