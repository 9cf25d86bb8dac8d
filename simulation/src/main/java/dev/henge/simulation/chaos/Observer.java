package dev.henge.simulation.chaos;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Watches who leads, as the nodes see it.
///
/// - Threads: one of its own; figures from any.
final class Observer implements AutoCloseable {
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Fleet fleet;
  private final Timeline timeline;
  private final Thread thread;
  private volatile boolean closed;
  private volatile int leader = -1;
  private volatile @Nullable JsonNode status;
  private volatile long electionCount;
  private volatile long failoverCount;

  // owned by the thread
  private long term;

  Observer(Fleet fleet, Timeline timeline) {
    this.fleet = fleet;
    this.timeline = timeline;
    this.thread = Thread.ofPlatform().daemon().name("observer").start(this::run);
  }

  /// Index of the node that leads, as was last seen; -1 for none.
  int leader() {
    return leader;
  }

  /// The answer to `GET /v1/cluster` with the newest epoch; null before the first.
  @Nullable JsonNode status() {
    return status;
  }

  /// The number of the member at `seat`, as was last seen; 0 for none.
  long memberAt(int seat) {
    JsonNode seen = status;
    return seen == null ? 0 : fleet.memberAt(seat, seen);
  }

  /// Whether there is such a member, as was last seen.
  boolean knows(long member) {
    JsonNode seen = status;
    if (seen != null) {
      for (JsonNode each : seen.path("members")) {
        if (each.path("number").asLong(0) == member) {
          return true;
        }
      }
    }
    return false;
  }

  /// Terms of databases 0-15 begun since the first that was seen.
  long electionCount() {
    return electionCount;
  }

  /// How often another node than before was seen to lead.
  long failoverCount() {
    return failoverCount;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    for (int turn = 0; !closed; turn++) {
      try {
        List<Integer> open = fleet.open();
        JsonNode answer = fleet.status(open.get(turn % open.size()));
        JsonNode newest = status;
        if (newest == null || epoch(answer) >= epoch(newest)) {
          status = answer;
        }
        Fleet.Leader seen = fleet.leaderIn(answer);
        if (seen.node() >= 0 && seen.term() >= term) {
          note(seen);
        }
      } catch (IOException down) {
        // Another node is asked next.
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private static long epoch(JsonNode status) {
    return status.path("epoch").asLong(0);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  private void note(Fleet.Leader seen) {
    if (term > 0) {
      electionCount += seen.term() - term;
    }
    term = seen.term();
    int before = leader;
    leader = seen.node();
    if (before != seen.node()) {
      failoverCount += before < 0 ? 0 : 1;
      timeline.add("node " + seen.node() + " leads in term " + seen.term());
    }
  }
}
