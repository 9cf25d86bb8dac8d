package dev.henge.simulation.chaos;

import dev.henge.simulation.check.Action;
import dev.henge.simulation.check.Call;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What must hold when everything is healed and the clients are quiet: every node serves, every key
/// holds what was acknowledged, every replica holds the same.
///
/// - Threads: one.
final class Aftermath {
  private static final int ANSWER_MILLIS = 3_000;

  private final Fleet fleet;
  private final Ledger ledger;
  private final int seconds;

  /// @param seconds that the nodes may take for each of the checks
  Aftermath(Fleet fleet, Ledger ledger, int seconds) {
    this.fleet = fleet;
    this.ledger = ledger;
    this.seconds = seconds;
  }

  /// @param name that no client had before
  /// @param round makes the marker of the round
  void check(int name, String round) throws IOException {
    fleet.awaitFormed(seconds);
    for (int node : fleet.open()) {
      write(node, round + "alive-" + node);
    }
    List<String> keys = ledger.keys();
    Map<String, Answer> last = read(keys, name);
    String marker = round + "marker";
    write(fleet.open().getFirst(), marker);
    for (int node : fleet.open()) {
      compare(node, marker, last);
    }
  }

  /// A last linearizable read of every key, through the nodes in turn.
  private Map<String, Answer> read(List<String> keys, int name) throws IOException {
    Map<String, Answer> last = new HashMap<>();
    int count = fleet.count();
    for (int at = 0; at < count; at++) {
      int first = at;
      int node = fleet.open().get(at);
      fleet.await(
          "the last reads are not answered by node " + node,
          seconds,
          () -> {
            try (RespConnection connection = fleet.connect(node, ANSWER_MILLIS)) {
              for (int i = first; i < keys.size(); i += count) {
                if (!last.containsKey(keys.get(i))) {
                  read(connection, keys.get(i), name, last);
                }
              }
              return true;
            }
          });
    }
    return last;
  }

  private void read(RespConnection connection, String key, int name, Map<String, Answer> last)
      throws IOException {
    var get = new Action.Get();
    long start = System.nanoTime();
    Answer answer = connection.ask("GET", key);
    String text = Wording.answer(get, answer);
    if (text == null) {
      throw new IOException("GET " + key + " answered " + answer);
    }
    ledger.add(key, Call.answered(name, start, System.nanoTime(), get, text));
    last.put(key, answer);
  }

  /// Reads every key from the replica of one node itself.
  private void compare(int node, String marker, Map<String, Answer> last) throws IOException {
    fleet.await(
        "the replica of node " + node + " does not catch up",
        seconds,
        () -> {
          try (RespConnection connection = stale(node)) {
            return connection.ask("GET", marker) instanceof Answer.Text;
          }
        });
    try (RespConnection connection = stale(node)) {
      for (Map.Entry<String, Answer> entry : last.entrySet()) {
        Answer answer = connection.ask("GET", entry.getKey());
        if (!answer.equals(entry.getValue())) {
          ledger.violation(
              "replicas differ: key %s is %s on node %d, and %s by a linearizable read"
                  .formatted(entry.getKey(), answer, node, entry.getValue()));
        }
      }
    }
  }

  private RespConnection stale(int node) throws IOException {
    RespConnection connection = fleet.connect(node, ANSWER_MILLIS);
    Answer answer = connection.ask("HENGE.CONSISTENCY", "stale");
    if (answer instanceof Answer.Failure failure) {
      connection.close();
      throw new IOException(failure.message());
    }
    return connection;
  }

  private void write(int node, String key) throws IOException {
    fleet.await(
        "no write is acknowledged through node " + node,
        seconds,
        () -> {
          try (RespConnection connection = fleet.connect(node, ANSWER_MILLIS)) {
            return connection.ask("SET", key, "here").equals(new Answer.Status("OK"));
          }
        });
  }
}
