package dev.henge.simulation.chaos;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

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
        Fleet.Leader seen = fleet.leader(turn % fleet.count());
        if (seen.node() >= 0 && seen.term() >= term) {
          note(seen);
        }
      } catch (IOException down) {
        // Another node is asked next.
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
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
