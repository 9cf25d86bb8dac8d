package dev.henge.benchmark.eventual;

import dev.henge.benchmark.cluster.Load;
import dev.henge.benchmark.cluster.Operation;
import dev.henge.benchmark.cluster.Request;
import java.util.Iterator;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/// The core workloads of YCSB that read and write single keys.
enum Shape {
  A("50 % read, 50 % update", 0.50, Operation.WRITE),
  B("95 % read, 5 % update", 0.95, Operation.WRITE),
  C("read only", 1, Operation.READ),
  /// Reads what was inserted lately.
  D("95 % read of the latest, 5 % insert", 0.95, Operation.WRITE),
  F("50 % read, 50 % read-modify-write", 0.50, Operation.READ_MODIFY_WRITE);

  /// From the inserts of one run to those of the next, so that none inserts a key that is there.
  private static final long RUN_STEP = 1_000_000_000L;

  private final String text;
  private final double reads;
  private final Operation other;

  Shape(String text, double reads, Operation other) {
    this.text = text;
    this.reads = reads;
    this.other = other;
  }

  /// Whether the popularity of keys is a choice.
  boolean hasPopularity() {
    return this != D;
  }

  /// The load of this shape over keys 0 to `keys`, which are there.
  Load load(Popularity popularity, int outstanding, long keys, double seconds) {
    String title = name() + ": " + text;
    if (hasPopularity()) {
      title += ", " + popularity.name().toLowerCase(Locale.ROOT);
    }
    return new Load(
        title + ", " + outstanding + " outstanding",
        outstanding,
        seconds,
        this == D ? latest(outstanding, keys) : known(popularity, keys));
  }

  private Supplier<LongFunction<Iterator<Request>>> known(Popularity popularity, long keys) {
    ToLongFunction<SplittableRandom> chooser = popularity.chooser(keys);
    return () ->
        seed -> {
          var random = new SplittableRandom(seed);
          return Stream.generate(() -> new Request(operation(random), chooser.applyAsLong(random)))
              .iterator();
        };
  }

  /// Reads are of ranks by age: the keys inserted in this run, then those that were there before.
  private Supplier<LongFunction<Iterator<Request>>> latest(int outstanding, long keys) {
    var ages = new Zipfian(keys);
    var runs = new AtomicLong();
    return () -> {
      long first = keys + runs.getAndIncrement() * RUN_STEP;
      var inserted = new AtomicLong();
      return seed -> {
        var random = new SplittableRandom(seed);
        return Stream.generate(
                () -> {
                  if (operation(random) == Operation.WRITE) {
                    return new Request(Operation.WRITE, first + inserted.getAndIncrement());
                  }
                  long age = ages.next(random);
                  // The very last may still be under way.
                  long visible = Math.max(0, inserted.get() - outstanding);
                  long key = age < visible ? first + visible - 1 - age : keys - 1 - (age - visible);
                  return new Request(Operation.READ, key);
                })
            .iterator();
      };
    };
  }

  private Operation operation(SplittableRandom random) {
    return random.nextDouble() < reads ? Operation.READ : other;
  }
}
