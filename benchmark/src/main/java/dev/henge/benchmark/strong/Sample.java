package dev.henge.benchmark.strong;

import org.HdrHistogram.Histogram;

/// What one run of a load measured.
///
/// @param requestsPerSecond answered as they should be
/// @param millisP50 from sending to the answer
/// @param errorCount answers that were errors
record Sample(double requestsPerSecond, double millisP50, double millisP99, long errorCount) {
  private static final double NANOS_PER_MILLI = 1e6;

  static Sample of(Histogram latencies, double seconds, long errorCount) {
    return new Sample(
        latencies.getTotalCount() / seconds,
        latencies.getValueAtPercentile(50) / NANOS_PER_MILLI,
        latencies.getValueAtPercentile(99) / NANOS_PER_MILLI,
        errorCount);
  }

  /// For latencies up to a minute, in nanoseconds, to two digits.
  static Histogram histogram() {
    return new Histogram(60_000_000_000L, 2);
  }
}
