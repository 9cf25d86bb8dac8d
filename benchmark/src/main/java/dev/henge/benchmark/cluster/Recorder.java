package dev.henge.benchmark.cluster;

import java.util.Arrays;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Answers as they come: how long each took, and how many came in each tenth of a second.
///
/// - Threads: any; a loop has one of its own, and they are added up in the end.
public final class Recorder {
  /// Slices in a second.
  public static final int SLICES = 10;

  private static final long SLICE_NANOS = 1_000_000_000L / SLICES;
  private static final long LONGEST_NANOS = 60_000_000_000L;

  private final long startNanos;

  // guarded by this
  private final Histogram latencies = new Histogram(LONGEST_NANOS, 2);
  private long[] slices = new long[64];
  private long errorCount;
  private long missingCount;
  private @Nullable String firstError;

  /// @param startNanos the beginning of the first slice
  public Recorder(long startNanos) {
    this.startNanos = startNanos;
  }

  /// An answer as it should be, to what was sent at `sentNanos`.
  ///
  /// @param missing that nothing was found
  public synchronized void answered(long sentNanos, boolean missing) {
    long now = System.nanoTime();
    latencies.recordValue(Math.min(now - sentNanos, LONGEST_NANOS));
    int slice = (int) ((now - startNanos) / SLICE_NANOS);
    if (slice >= slices.length) {
      slices = Arrays.copyOf(slices, Math.max(slice + 1, slices.length * 2));
    }
    slices[slice]++;
    if (missing) {
      missingCount++;
    }
  }

  /// An answer that is an error.
  public synchronized void failed(String error) {
    errorCount++;
    if (firstError == null) {
      firstError = error;
    }
  }

  /// Adds what `other`, with the same start, has recorded.
  synchronized void add(Recorder other) {
    latencies.add(other.latencies);
    if (slices.length < other.slices.length) {
      slices = Arrays.copyOf(slices, other.slices.length);
    }
    for (int i = 0; i < other.slices.length; i++) {
      slices[i] += other.slices[i];
    }
    errorCount += other.errorCount;
    missingCount += other.missingCount;
    if (firstError == null) {
      firstError = other.firstError;
    }
  }

  /// What was recorded in `seconds`.
  public synchronized Sample sample(double seconds) {
    return new Sample(
        latencies.getTotalCount() / seconds,
        latencies.getValueAtPercentile(50) / 1e6,
        latencies.getValueAtPercentile(99) / 1e6,
        errorCount,
        missingCount,
        firstError == null ? "" : firstError);
  }

  /// Answers a second from second `from` to second `to` behind the start.
  public synchronized double rate(double from, double to) {
    long sum = 0;
    int end = (int) Math.round(to * SLICES);
    for (int i = (int) Math.round(from * SLICES); i < Math.min(end, slices.length); i++) {
      sum += slices[i];
    }
    return sum / (to - from);
  }
}
