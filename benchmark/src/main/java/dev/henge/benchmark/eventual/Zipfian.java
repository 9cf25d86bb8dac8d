package dev.henge.benchmark.eventual;

import java.util.SplittableRandom;

/// Ranks from 0 on, of which rank `i` is drawn with a chance in proportion to `1 / (i + 1)^0.99`.
///
/// - Threads: any.
/// - Source: Gray et al., Quickly Generating Billion-Record Synthetic Databases (1994), section
///   3.2; the exponent is YCSB's.
final class Zipfian {
  private static final double THETA = 0.99;
  private static final double ALPHA = 1 / (1 - THETA);

  private final long count;
  private final double zeta;
  private final double eta;

  /// @param count of ranks, at least 2; making it takes as many steps
  Zipfian(long count) {
    this.count = count;
    double sum = 0;
    for (long i = 1; i <= count; i++) {
      sum += Math.pow(i, -THETA);
    }
    zeta = sum;
    double zeta2 = 1 + Math.pow(2, -THETA);
    eta = (1 - Math.pow(2.0 / count, 1 - THETA)) / (1 - zeta2 / zeta);
  }

  /// One of the ranks below `count`.
  long next(SplittableRandom random) {
    double u = random.nextDouble();
    double uz = u * zeta;
    if (uz < 1) {
      return 0;
    }
    if (uz < 1 + Math.pow(0.5, THETA)) {
      return 1;
    }
    return Math.min(count - 1, (long) (count * Math.pow(eta * u - eta + 1, ALPHA)));
  }
}
