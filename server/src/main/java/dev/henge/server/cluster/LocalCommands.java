package dev.henge.server.cluster;

import dev.henge.base.Threads;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// What other nodes want done by local groups, one after the other in the order of its coming: the
/// commands of one connection never overtake each other.
///
/// - Bound: [#WAITING_MAX] commands.
/// - Threads: any; commands run on the workers, one at a time. One that must wait for room holds no
///   thread meanwhile: [#resume] tries it again.
final class LocalCommands {
  private static final int WAITING_MAX = 4096;

  private final Threads.Pool workers;

  // guarded by this
  private final Deque<BooleanSupplier> waiting = new ArrayDeque<>();
  private boolean running;

  LocalCommands(Threads.Pool workers) {
    this.workers = workers;
  }

  /// @param command answers false where it has to be tried again
  /// @return false when too much waits: it will not run
  boolean add(BooleanSupplier command) {
    synchronized (this) {
      if (waiting.size() >= WAITING_MAX) {
        return false;
      }
      waiting.add(command);
    }
    resume();
    return true;
  }

  /// Goes on with what waits, unless that runs already.
  void resume() {
    synchronized (this) {
      if (running || waiting.isEmpty()) {
        return;
      }
      running = true;
    }
    try {
      workers.execute(this::run);
    } catch (RejectedExecutionException busy) {
      rest();
    }
  }

  private void run() {
    BooleanSupplier first = first();
    while (first != null) {
      boolean done;
      try {
        done = first.getAsBoolean();
      } catch (RuntimeException broken) {
        remove();
        rest();
        throw broken;
      }
      if (!done) {
        rest();
        return;
      }
      remove();
      first = first();
    }
  }

  private synchronized @Nullable BooleanSupplier first() {
    running = !waiting.isEmpty();
    return waiting.peek();
  }

  private synchronized void remove() {
    waiting.remove();
  }

  private synchronized void rest() {
    running = false;
  }
}
