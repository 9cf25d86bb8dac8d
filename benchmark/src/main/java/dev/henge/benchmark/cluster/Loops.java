package dev.henge.benchmark.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;

/// The closed loops of one load at once, a thread for each.
public final class Loops {
  private Loops() {}

  /// What one loop has to do.
  ///
  /// @param connection its number, from 0
  /// @param requests what to ask for
  /// @param window how many requests are under way
  /// @param endNanos when the last may be sent
  public record Part(
      int connection, Iterator<Request> requests, int window, long endNanos, Recorder recorder) {}

  /// One loop.
  public interface Loop {
    /// Runs until there are no more requests or the time is over; then waits for what is under way.
    void run(Part part) throws IOException;
  }

  /// Runs a loop for each connection of `load` to its end.
  public static Sample run(Load load, Loop loop) throws IOException {
    long start = System.nanoTime();
    Recorder all = record(load, loop, start);
    return all.sample((System.nanoTime() - start) / 1e9);
  }

  /// The same.
  ///
  /// @return every answer, by its time since `startNanos`
  public static Recorder record(Load load, Loop loop, long startNanos) throws IOException {
    long end = startNanos + (long) (load.seconds() * 1e9);
    LongFunction<Iterator<Request>> requests = load.requests().get();
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < load.connections(); i++) {
      Iterator<Request> own = requests.apply(startNanos + i);
      parts.add(new Part(i, own, load.window(i), end, new Recorder(startNanos)));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(parts.size())) {
      List<Future<?>> runs = new ArrayList<>();
      for (Part part : parts) {
        runs.add(
            threads.submit(() -> {
              loop.run(part);
              return null;
            }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("a connection failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
    Recorder all = new Recorder(startNanos);
    parts.forEach(part -> all.add(part.recorder()));
    return all;
  }
}
