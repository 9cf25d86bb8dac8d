package dev.henge.benchmark.strong;

import dev.henge.benchmark.cluster.HengeCluster;
import dev.henge.benchmark.cluster.RespConnection;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Writes one small value after the other through one node, and notes how long there was no
/// acknowledgement.
///
/// - Threads: one of its own; figures from any.
final class SteadyWriter implements AutoCloseable {
  private final int port;
  private final Thread thread;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicLong count = new AtomicLong();
  private final AtomicLong errorCount = new AtomicLong();
  private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());
  private final AtomicLong longestNanos = new AtomicLong();

  SteadyWriter(int port) {
    this.port = port;
    thread = new Thread(this::run, "writer");
    thread.setDaemon(true);
    thread.start();
  }

  /// Forgets what was noted so far.
  void reset() {
    lastNanos.set(System.nanoTime());
    longestNanos.set(0);
    errorCount.set(0);
    count.set(0);
  }

  /// Acknowledgements.
  long count() {
    return count.get();
  }

  /// Answers that were errors, and connections lost.
  long errorCount() {
    return errorCount.get();
  }

  /// The longest time without an acknowledgement, the present one included.
  double longestSeconds() {
    return Math.max(longestNanos.get(), System.nanoTime() - lastNanos.get()) / 1e9;
  }

  @Override
  public void close() {
    ended.set(true);
  }

  private void run() {
    while (!ended.get()) {
      try (var connection = new RespConnection(HengeCluster.HOST, port)) {
        while (!ended.get()) {
          if (connection.ask("SET", "steady", Long.toString(count.get())).equals("+OK")) {
            long now = System.nanoTime();
            long gap = now - lastNanos.getAndSet(now);
            longestNanos.accumulateAndGet(gap, Math::max);
            count.incrementAndGet();
          } else {
            errorCount.incrementAndGet();
          }
        }
      } catch (IOException lost) {
        errorCount.incrementAndGet();
      }
    }
  }
}
