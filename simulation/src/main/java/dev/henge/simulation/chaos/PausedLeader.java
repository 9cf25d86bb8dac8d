package dev.henge.simulation.chaos;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// An old leader must not answer from what it knew: the leader is paused, a write commits under a
/// new one, and reads wait in the old one's sockets when it resumes.
///
/// - Threads: one.
final class PausedLeader {
  private static final int CONNECTIONS = 4;
  private static final int READS = 8;
  private static final int ANSWER_MILLIS = 10_000;
  private static final String KEY = "paused-leader";

  private final Fleet fleet;
  private final Ledger ledger;
  private final Timeline timeline;
  private final int seconds;
  private int tries;
  private int count;
  private long answeredCount;
  private long refusedCount;

  /// @param seconds that the cluster may take for each step
  PausedLeader(Fleet fleet, Ledger ledger, Timeline timeline, int seconds) {
    this.fleet = fleet;
    this.ledger = ledger;
    this.timeline = timeline;
    this.seconds = seconds;
  }

  /// Experiments that count.
  int count() {
    return count;
  }

  /// Reads of the resumed leader that gave the new value.
  long answeredCount() {
    return answeredCount;
  }

  /// Reads of the resumed leader that gave an error.
  long refusedCount() {
    return refusedCount;
  }

  /// Makes the experiment once. It counts where the node that was paused led until then and
  /// answered a read when it went on.
  void run() throws IOException {
    int number = ++tries;
    Fleet.Leader leading = fleet.awaitLeader(seconds);
    int old = leading.node();
    int other = fleet.open().stream().filter(seat -> seat != old).findFirst().orElseThrow();
    String before = "before-" + number;
    String after = "after-" + number;
    write(old, before);
    List<RespConnection> connections = new ArrayList<>();
    try {
      for (int i = 0; i < CONNECTIONS; i++) {
        RespConnection connection = fleet.connect(old, ANSWER_MILLIS);
        connections.add(connection);
        connection.ask("HENGE.CONSISTENCY", i % 2 == 0 ? "linearizable" : "leader");
        connection.ask("GET", KEY);
      }
      if (!fleet.leader(old).equals(leading)) {
        return;
      }
      timeline.add("pause the leader, node " + old);
      fleet.node(old).pause(true);
      try {
        write(other, after);
        fleet.await(
            "no other node than the paused one leads",
            seconds,
            () -> {
              Fleet.Leader next = fleet.leader(other);
              return next.node() >= 0 && next.node() != old && next.term() > leading.term();
            });
        for (RespConnection connection : connections) {
          for (int i = 0; i < READS; i++) {
            connection.add(List.of("GET", KEY));
          }
          connection.flush();
        }
      } finally {
        timeline.add("resume node " + old);
        fleet.node(old).pause(false);
      }
      long answered = answeredCount;
      for (RespConnection connection : connections) {
        judge(connection, old, after);
      }
      count += answeredCount > answered ? 1 : 0;
    } finally {
      for (RespConnection connection : connections) {
        connection.close();
      }
    }
  }

  private void judge(RespConnection connection, int old, String after) {
    for (int i = 0; i < READS; i++) {
      Answer answer;
      try {
        answer = connection.receive();
      } catch (IOException lost) {
        refusedCount++;
        return;
      }
      switch (answer) {
        case Answer.Text(String text) when text.equals(after) -> answeredCount++;
        case Answer.Failure failure -> refusedCount++;
        default ->
            ledger.violation(
                "stale read: node %d, leader before its pause, answered %s although %s was"
                        .formatted(old, answer, after)
                    + " acknowledged before it was asked");
      }
    }
  }

  /// Writes through a node until that is acknowledged.
  private void write(int node, String value) throws IOException {
    fleet.await(
        "no write is acknowledged through node " + node,
        seconds,
        () -> {
          try (RespConnection connection = fleet.connect(node, ANSWER_MILLIS)) {
            return connection.ask("SET", KEY, value).equals(new Answer.Status("OK"));
          }
        });
  }
}
