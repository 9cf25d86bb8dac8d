package dev.henge.benchmark.engine;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Overwrites pairs on a thread of its own, at the same pace for every engine, so that reads beside
/// it are compared under the same load.
final class PacedWriter implements AutoCloseable {
  private static final long PAUSE_NANOS = 200_000;

  private final Store.Session session;
  private final Workload workload;
  private final double writesPerSecond;
  private final Thread thread;
  private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
  private volatile boolean stopping;
  private volatile double rate;

  PacedWriter(Store.Session session, Workload workload, double writesPerSecond) {
    this.session = session;
    this.workload = workload;
    this.writesPerSecond = writesPerSecond;
    this.thread = new Thread(this::run, "paced-writer");
  }

  void start() {
    thread.start();
  }

  /// Ends the writing.
  ///
  /// @return writes a second that were reached
  double stop() throws IOException {
    close();
    IOException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
    return rate;
  }

  @Override
  public void close() {
    stopping = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    byte[] key = new byte[Workload.KEY_BYTES];
    byte[] value = new byte[Workload.VALUE_BYTES];
    Workload.Sequence sequence = workload.sequence(80);
    long startNanos = System.nanoTime();
    long written = 0;
    try (session) {
      while (!stopping) {
        double due = (System.nanoTime() - startNanos) / 1e9 * writesPerSecond;
        while (written < due && !stopping) {
          long index = sequence.next();
          workload.key(index, key);
          workload.value(index, 2 + written, value);
          session.put(key, value);
          written++;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (IOException e) {
      failure.set(e);
    }
    rate = written / ((System.nanoTime() - startNanos) / 1e9);
  }
}
