package dev.henge.cli.terminal;

import java.io.PrintWriter;
import java.util.Locale;

/// One line that shows how far a step is; on anything but a terminal, only its end.
///
/// - Threads: one.
public final class ProgressBar {
  private static final int CELLS = 30;
  private static final long REDRAW_NANOS = 100_000_000;

  private final PrintWriter out;
  private final boolean terminal;
  private final String label;
  private final long total;
  private final long startNanos = System.nanoTime();
  private long drawnNanos = startNanos - REDRAW_NANOS;

  public ProgressBar(PrintWriter out, boolean terminal, String label, long total) {
    this.out = out;
    this.terminal = terminal;
    this.label = label;
    this.total = total;
  }

  /// `done` of the total are done.
  public void update(long done) {
    if (!terminal) {
      return;
    }
    long now = System.nanoTime();
    if (now - drawnNanos >= REDRAW_NANOS) {
      drawnNanos = now;
      draw(done, now);
      out.flush();
    }
  }

  /// The step ended after `done`; `outcome` stands behind the rate.
  public void finish(long done, String outcome) {
    if (terminal) {
      draw(done, System.nanoTime());
    } else {
      out.printf(Locale.ROOT, "  %-20s %,9d  %s", label, done, rate(done, System.nanoTime()));
    }
    out.println(outcome.isEmpty() ? "" : "  " + outcome);
    out.flush();
  }

  private void draw(long done, long now) {
    int full = total == 0 ? CELLS : (int) (done * CELLS / total);
    out.printf(
        Locale.ROOT,
        "\r  %-20s [%s%s] %3d%%  %,9d  %s",
        label,
        "#".repeat(full),
        ".".repeat(CELLS - full),
        total == 0 ? 100 : done * 100 / total,
        done,
        rate(done, now));
  }

  private String rate(long done, long now) {
    double seconds = (now - startNanos) / 1e9;
    return String.format(Locale.ROOT, "%,9.0f/s %6.1f s", done / Math.max(seconds, 1e-3), seconds);
  }
}
