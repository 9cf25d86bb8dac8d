package dev.henge.benchmark.strong;

import dev.henge.benchmark.cluster.Load;
import dev.henge.benchmark.cluster.Operation;
import dev.henge.benchmark.cluster.Pairs;
import dev.henge.benchmark.cluster.Request;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Loads of one kind of request over keys by chance.
final class StrongLoads {
  static final int VALUE_BYTES = 256;
  static final Pairs PAIRS = new Pairs(VALUE_BYTES);

  private StrongLoads() {}

  /// Writes, durable on a majority when they are answered.
  static Load put(int outstanding, long keys, double seconds) {
    return of("put", Operation.WRITE, outstanding, keys, seconds);
  }

  /// Linearizable reads.
  static Load get(int outstanding, long keys, double seconds) {
    return of("get", Operation.READ, outstanding, keys, seconds);
  }

  private static Load of(
      String name, Operation operation, int outstanding, long keys, double seconds) {
    String title = "%s, %d outstanding".formatted(name, outstanding);
    return new Load(
        title,
        outstanding,
        seconds,
        () ->
            seed -> {
              var random = new SplittableRandom(seed);
              return Stream.generate(() -> new Request(operation, random.nextLong(keys)))
                  .iterator();
            });
  }
}
