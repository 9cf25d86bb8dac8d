package dev.henge.benchmark.report;

import java.util.Locale;
import java.util.stream.DoubleStream;

/// How figures are reduced and written.
public final class Figures {
  private Figures() {}

  /// The middle of the values, or the mean of the two in the middle; not a number when there is
  /// none.
  public static double median(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /// `1,234,567`, or a dash where nothing was measured.
  public static String count(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%,.0f", value);
  }

  /// With `digits` after the point, or a dash where nothing was measured.
  public static String decimal(double value, int digits) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%,." + digits + "f", value);
  }

  /// `1.23x`.
  public static String ratio(double ours, double peer) {
    return Double.isNaN(ours) || Double.isNaN(peer) ? "-" : decimal(ours / peer, 2) + "x";
  }

  public static String percent(double share) {
    return Double.isNaN(share) ? "-" : decimal(share * 100, 0) + " %";
  }

  public static String mebibytes(double bytes) {
    return Double.isNaN(bytes) ? "-" : decimal(bytes / (1 << 20), 0) + " MiB";
  }
}
