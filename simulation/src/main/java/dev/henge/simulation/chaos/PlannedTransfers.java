package dev.henge.simulation.chaos;

import dev.henge.base.simulated.SeededRandomness;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import tools.jackson.databind.JsonNode;

/// Leadership that is handed over because somebody wants it must not be felt: no client may be
/// given an error, while nothing else goes wrong.
///
/// A term that begins besides the one that was asked for is the machine's doing (processes that
/// stand still for long): such a handover proves nothing, and is made again.
///
/// - Threads: one.
final class PlannedTransfers {
  private static final int TRIES = 5;
  private static final int ANSWERS = 200;

  private final Fleet fleet;
  private final Ledger ledger;
  private final SeededRandomness random;
  private final Timeline timeline;
  private final int seconds;
  private int count;

  /// @param seconds that the cluster may take for each
  PlannedTransfers(
      Fleet fleet, Ledger ledger, SeededRandomness random, Timeline timeline, int seconds) {
    this.fleet = fleet;
    this.ledger = ledger;
    this.random = random;
    this.timeline = timeline;
    this.seconds = seconds;
  }

  /// Handovers that nothing disturbed.
  int count() {
    return count;
  }

  void run() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      if (handOver()) {
        count++;
        return;
      }
    }
  }

  /// @return whether nothing else came between
  private boolean handOver() throws IOException {
    answers(); // also after the handover before
    long errors = ledger.errorCount();
    Fleet.Leader before = fleet.awaitLeader(seconds);
    JsonNode status = fleet.status(before.node());
    List<Integer> others = new ArrayList<>();
    for (int seat : fleet.open()) {
      if (seat != before.node() && fleet.holds(seat, status)) {
        others.add(seat);
      }
    }
    int to = random.oneOf(others);
    timeline.add("hand over from node " + before.node() + " to node " + to);
    String path =
        "/v1/cluster/groups/%d/transfer?to=%d"
            .formatted(Fleet.DATABASES, fleet.memberAt(to, status));
    int answer;
    try {
      answer = fleet.change(random.oneOf(fleet.open()), path).join();
    } catch (CompletionException e) {
      throw new IOException("no answer to " + path + ": " + e.getMessage(), e);
    }
    Fleet.Leader[] after = {before};
    fleet.await(
        "no leader after a handover",
        seconds,
        () -> {
          after[0] = fleet.awaitLeader(seconds);
          return answer != 200 || after[0].term() > before.term();
        });
    answers();
    long term = fleet.awaitLeader(seconds).term();
    if (term > before.term() + 1 || answer != 200) {
      timeline.add("disturbed: status " + answer + ", term " + before.term() + " to " + term);
      return false;
    }
    if (ledger.errorCount() > errors) {
      ledger.violation(
          "a planned handover from node %d to node %d was felt, term %d: %s"
              .formatted(before.node(), to, term, ledger.lastError()));
    }
    return true;
  }

  /// Waits until clients have been given some answers more.
  private void answers() throws IOException {
    long wanted = ledger.answeredCount() + ANSWERS;
    fleet.await("clients are not answered", seconds, () -> ledger.answeredCount() >= wanted);
  }
}
