package dev.henge.benchmark.engine;

import com.sun.management.OperatingSystemMXBean;
import dev.henge.benchmark.engine.Store.Session;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/// Repeats an operation on some threads and measures each one.
///
/// - Shape: one reading of the clock an operation; its end is the next one's beginning.
/// - Threads: one at a time.
final class Meter {
  private static final long LATENCY_NANOS_MAX = 100_000_000_000L;
  private static final int DIGITS = 3;

  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /// One operation of a thread.
  interface Operation {
    void run() throws IOException;
  }

  /// Makes what thread `thread` (from 0) repeats with its own session; called on that thread.
  interface OperationFactory {
    Operation create(Session session, int thread);
  }

  /// @param operationsMax by thread
  Result measure(
      Line line,
      boolean fits,
      int threads,
      long operationsMax,
      double secondsMax,
      Store store,
      OperationFactory factory)
      throws IOException {
    long cpuNanos = system.getProcessCpuTime();
    long startNanos = System.nanoTime();
    long endNanos = startNanos + (long) (secondsMax * 1e9);
    var histogram = new Histogram(LATENCY_NANOS_MAX, DIGITS);
    List<Future<Histogram>> running = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int thread = 0; thread < threads; thread++) {
        int number = thread;
        running.add(
            executor.submit(() -> {
              try (Session session = store.session()) {
                return repeat(factory.create(session, number), operationsMax, endNanos);
              }
            }));
      }
      for (Future<Histogram> future : running) {
        histogram.add(future.get());
      }
    } catch (ExecutionException e) {
      throw new IOException(line.title() + ": " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    return new Result(
        line,
        fits,
        histogram.getTotalCount() / seconds,
        histogram.getValueAtPercentile(50) / 1e3,
        histogram.getValueAtPercentile(99) / 1e3,
        (system.getProcessCpuTime() - cpuNanos) / 1e9 / seconds);
  }

  private static Histogram repeat(Operation operation, long operationsMax, long endNanos)
      throws IOException {
    var histogram = new Histogram(LATENCY_NANOS_MAX, DIGITS);
    long before = System.nanoTime();
    for (long done = 0; done < operationsMax && before - endNanos < 0; done++) {
      operation.run();
      long after = System.nanoTime();
      histogram.recordValue(Math.min(after - before, LATENCY_NANOS_MAX));
      before = after;
    }
    return histogram;
  }
}
