package dev.henge.benchmark.cluster;

import java.util.Iterator;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// A fixed number of requests under way at any time (a closed loop).
///
/// @param title names it in tables
/// @param outstanding requests under way, over all connections
/// @param seconds how long, or until there are no more requests
/// @param requests for each run gives, by a seed, what one connection asks for; one thread at a
///   time takes them
public record Load(
    String title,
    int outstanding,
    double seconds,
    Supplier<LongFunction<Iterator<Request>>> requests) {
  /// Clients share the requests among so many connections, at most.
  private static final int CONNECTIONS_MAX = 8;

  private static final int FILL_OUTSTANDING = 512;
  private static final double FILL_SECONDS_MAX = 3600;

  /// Writes keys 0 to `keys`, each once.
  public static Load fill(long keys) {
    return new Load(
        "loading",
        FILL_OUTSTANDING,
        FILL_SECONDS_MAX,
        () -> {
          var next = new AtomicLong();
          return seed ->
              Stream.generate(next::getAndIncrement)
                  .takeWhile(key -> key < keys)
                  .map(key -> new Request(Operation.WRITE, key))
                  .iterator();
        });
  }

  /// The same, of another length.
  public Load lasting(double otherSeconds) {
    return new Load(title, outstanding, otherSeconds, requests);
  }

  int connections() {
    return Math.min(outstanding, CONNECTIONS_MAX);
  }

  /// Requests under way on connection `index`.
  int window(int index) {
    return outstanding / connections() + (index < outstanding % connections() ? 1 : 0);
  }
}
