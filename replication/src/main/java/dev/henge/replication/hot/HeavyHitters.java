package dev.henge.replication.hot;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The most frequent things of a stream, in a fixed number of counters.
///
/// - Shape: `capacity` counters. Whatever makes more than 1 in `capacity` of the stream is among
///   them; a count is never below the truth and at most 1 in `capacity` of the stream above it.
/// - Cost: what is counted already costs a lookup; what is new replaces the smallest counter, found
///   by looking at all.
/// - Threads: one at a time.
/// - Source: Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and Top-k Elements in
///   Data Streams" (2005): Space-Saving. Halving the counts makes old times count for less.
final class HeavyHitters<T> {
  /// A thing and how often it came, about.
  ///
  /// @param overcount how much of the count may be others'
  record Counted<T>(T thing, long count, long overcount) {}

  /// Counts that are changed in place.
  private static final class Counter {
    private long count;
    private long overcount;
  }

  private final int capacity;
  private final Map<T, Counter> counters;

  HeavyHitters(int capacity) {
    this.capacity = capacity;
    this.counters = HashMap.newHashMap(capacity);
  }

  /// Counts `thing` once.
  ///
  /// @return how often it came for certain, now
  long add(T thing) {
    Counter known = counters.get(thing);
    if (known == null) {
      known = new Counter();
      if (counters.size() == capacity) {
        Counter least = removeSmallest();
        known.count = least.count;
        known.overcount = least.count;
      }
      counters.put(thing, known);
    }
    known.count++;
    return known.count - known.overcount;
  }

  /// Everything counts half.
  void halve() {
    counters
        .values()
        .removeIf(counter -> {
          counter.count >>= 1;
          counter.overcount >>= 1;
          return counter.count == 0;
        });
  }

  /// The most frequent, most frequent first.
  List<Counted<T>> top(int count) {
    List<Counted<T>> all = new ArrayList<>();
    counters.forEach(
        (thing, counter) -> all.add(new Counted<>(thing, counter.count, counter.overcount)));
    all.sort(Comparator.comparingLong((Counted<T> each) -> each.overcount - each.count));
    return all.subList(0, Math.min(count, all.size()));
  }

  private Counter removeSmallest() {
    @Nullable T smallest = null;
    Counter least = new Counter();
    least.count = Long.MAX_VALUE;
    for (Map.Entry<T, Counter> each : counters.entrySet()) {
      if (each.getValue().count < least.count) {
        smallest = each.getKey();
        least = each.getValue();
      }
    }
    if (smallest != null) {
      counters.remove(smallest);
    }
    return least;
  }
}
