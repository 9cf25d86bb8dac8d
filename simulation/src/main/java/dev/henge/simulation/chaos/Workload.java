package dev.henge.simulation.chaos;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.simulation.workload.Task;
import dev.henge.simulation.workload.Wishes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Clients that are busy from its making to [#close].
///
/// - Threads: one for each client; they share the wishes under one lock.
final class Workload implements AutoCloseable {
  private static final int ANSWER_MILLIS = 3_000;

  private final Wishes wishes;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  /// @param names gives names that no client had before
  /// @param prefix of all keys, which must be new
  Workload(
      Fleet fleet,
      Ledger ledger,
      SeededRandomness random,
      AtomicInteger names,
      String prefix,
      int clients,
      long thinkMicrosMax) {
    this.wishes = new Wishes(random.split(), () -> 1);
    ledger.resume(System.nanoTime());
    for (int i = 0; i < clients; i++) {
      var client =
          new Client(
              new Doors(fleet),
              ledger,
              random.split(),
              names::incrementAndGet,
              this::next,
              prefix,
              thinkMicrosMax);
      threads.add(Thread.ofVirtual().name("client-" + i).start(client));
    }
  }

  private record Doors(Fleet fleet) implements Client.Doors {
    @Override
    public List<Integer> seats() {
      return fleet.open();
    }

    @Override
    public RespConnection connect(int node) throws IOException {
      return fleet.connect(node, ANSWER_MILLIS);
    }
  }

  /// Ends the clients when they have finished what they are at.
  @Override
  public void close() {
    stopped = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private @Nullable Task next() {
    if (stopped) {
      return null;
    }
    synchronized (wishes) {
      return wishes.next();
    }
  }
}
