package dev.henge.replication.membership;

import java.util.Arrays;

/// How unlikely the silence of each member is, by the history of when it was heard of before.
///
/// Phi is `-log10` of the chance that news comes later than now, with times between news taken as
/// normally distributed. The caller doubts a member at a phi of its choice; for each member that is
/// a time of its own, which follows how regularly news of it comes: directly in a small cluster,
/// over several others in a large one.
///
/// - Shape: arrays by the member's place in the list; 29 bytes a member. Where the paper keeps a
///   window of the last times, this keeps mean and variance that weigh the last [#WINDOW] most:
///   with a window, 5,000 members would be 10 MB of history at each of them.
/// - Units: nanoseconds of the caller's own listening time.
/// - Threads: its owner's.
/// - Source: Hayashibara et al., "The phi Accrual Failure Detector" (2004), section 4.
final class Accrual {
  /// How many times between news make the history.
  static final int WINDOW = 32;

  /// A silence that ended counts at most so many times the mean: one outage is no new habit, but a
  /// member of whom news comes more slowly from now on is understood after a few.
  private static final int OUTLIER = 4;

  /// What is presumed before anything is known weighs as much as so many times.
  private static final byte PRESUMED = 3;

  private static final double TAIL_A = 0.339;
  private static final double TAIL_B = 5.510;

  private final double deviations;
  private final double deviationLeast;

  private long[] heardNanos = new long[0];
  private float[] means = new float[0];
  private float[] variances = new float[0];
  private float[] spans = new float[0];
  private byte[] samples = new byte[0];

  /// @param phi at which silence is doubted
  /// @param deviationLeast as which more regular news is taken: schedulers and garbage collectors
  ///   are not as regular
  Accrual(double phi, long deviationLeast) {
    this.deviations = deviations(phi);
    this.deviationLeast = deviationLeast;
  }

  /// Phi of news that is so many standard deviations late, with the tail of the normal distribution
  /// as of Börjesson and Sundberg (1979): within 1 %.
  static double phi(double deviationsLate) {
    double x = Math.abs(deviationsLate);
    double ratio = 1 / ((1 - TAIL_A) * x + TAIL_A * Math.sqrt(x * x + TAIL_B));
    double tail = x * x / 2 * Math.log10(Math.E) - Math.log10(ratio / Math.sqrt(2 * Math.PI));
    return deviationsLate >= 0 ? tail : -Math.log10(1 - Math.pow(10, -tail));
  }

  private static double deviations(double phi) {
    double low = -10;
    double high = 40;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (phi(middle) < phi) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  /// The members are others now.
  ///
  /// @param before for each place where that member stood before, or -1
  /// @param presumed the time between news of members of whom nothing is known yet
  void remap(int[] before, long presumed, long now) {
    long[] oldHeard = heardNanos;
    float[] oldMeans = means;
    float[] oldVariances = variances;
    float[] oldSpans = spans;
    byte[] oldSamples = samples;
    heardNanos = new long[before.length];
    means = new float[before.length];
    variances = new float[before.length];
    spans = new float[before.length];
    samples = new byte[before.length];
    Arrays.fill(heardNanos, now);
    Arrays.fill(means, presumed);
    Arrays.fill(variances, (float) presumed * presumed / 4);
    Arrays.fill(samples, PRESUMED);
    for (int i = 0; i < before.length; i++) {
      int old = before[i];
      if (old >= 0) {
        heardNanos[i] = oldHeard[old];
        means[i] = oldMeans[old];
        variances[i] = oldVariances[old];
        spans[i] = oldSpans[old];
        samples[i] = oldSamples[old];
      } else {
        spans[i] = span(i);
      }
    }
  }

  /// News of the member at `place`.
  void heard(int place, long now) {
    float time = Math.min(now - heardNanos[place], OUTLIER * Math.max(means[place], 1));
    heardNanos[place] = now;
    if (samples[place] < WINDOW) {
      samples[place]++;
    }
    float off = time - means[place];
    means[place] += off / samples[place];
    variances[place] += (off * (time - means[place]) - variances[place]) / samples[place];
    spans[place] = span(place);
  }

  /// Silence begins now: the one before was no fault of the member's.
  void excuse(int place, long now) {
    heardNanos[place] = now;
  }

  /// Whether the member's silence is to be doubted.
  ///
  /// @param patience 1, or more for a node that has reason to distrust itself
  boolean isDoubtful(int place, long now, int patience) {
    return now - heardNanos[place] > (double) spans[place] * patience;
  }

  double phi(int place, long now) {
    return phi((now - heardNanos[place] - means[place]) / deviation(place));
  }

  private float span(int place) {
    return (float) (means[place] + deviations * deviation(place));
  }

  private double deviation(int place) {
    return Math.max(deviationLeast, Math.sqrt(Math.max(0, variances[place])));
  }
}
