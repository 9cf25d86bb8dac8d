package dev.henge.simulation.gossip;

import dev.henge.replication.membership.GossipOptions;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// Draws measurements as SVG: panels side by side, over the number of members.
public final class GossipPlot {
  private static final int PANEL_WIDTH = 300;
  private static final int WIDTH = 220;
  private static final int HEIGHT = 180;
  private static final int LEFT = 60;
  private static final int TOP = 60;
  private static final int GRID_LINES = 4;
  private static final String[] COLOURS = {"#1b6ca8", "#c8553d", "#588157"};

  private record Line(String name, ToDoubleFunction<GossipMeasurement> of) {}

  private final List<GossipMeasurement> measured;
  private final StringBuilder svg = new StringBuilder();

  private GossipPlot(List<GossipMeasurement> measured) {
    this.measured = measured;
  }

  /// @param measured by members, ascending
  public static String svg(List<GossipMeasurement> measured, GossipOptions options) {
    var plot = new GossipPlot(measured);
    plot.draw(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
            + " font-size=\"11\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
        3 * PANEL_WIDTH, TOP + HEIGHT + 50);
    plot.panel(
        0,
        "rounds of " + options.interval().toMillis() + " ms",
        List.of(
            new Line("all know all, from nothing", GossipMeasurement::knownRounds),
            new Line("a death is down at all", GossipMeasurement::downRounds),
            new Line("its return is up at all", GossipMeasurement::backRounds)));
    plot.panel(
        1,
        "KB a second that a member sends",
        List.of(new Line("frames included", one -> one.bytesPerSecond() / 1e3)));
    plot.panel(
        2,
        "false beliefs in 1,000 pair-hours",
        List.of(
            new Line(
                "suspected, " + measured.getFirst().lossPercent() + " % of messages lost",
                one -> one.suspicions() * 1e3 / one.pairHours(options)),
            new Line("down", one -> one.downs() * 1e3 / one.pairHours(options))));
    plot.draw("</svg>%n");
    return plot.svg.toString();
  }

  private void panel(int number, String title, List<Line> lines) {
    int left = number * PANEL_WIDTH + LEFT;
    int bottom = TOP + HEIGHT;
    double most = 1e-9;
    for (Line line : lines) {
      for (GossipMeasurement one : measured) {
        most = Math.max(most, line.of.applyAsDouble(one));
      }
    }
    double top = ceiling(most);
    draw("<text x=\"%d\" y=\"16\" font-weight=\"bold\">%s</text>%n", left - 40, title);
    for (int i = 0; i <= GRID_LINES; i++) {
      int y = bottom - HEIGHT * i / GRID_LINES;
      draw("<path d=\"M%d %d h%d\" stroke=\"#ddd\"/>%n", left, y, WIDTH);
      draw(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
          left - 6, y + 4, number(top * i / GRID_LINES));
    }
    for (GossipMeasurement one : measured) {
      draw(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
          x(left, one), bottom + 16, String.format(Locale.ROOT, "%,d", one.members()));
    }
    draw("<text x=\"%d\" y=\"%d\">members</text>%n", left, bottom + 34);
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      var path = new StringBuilder();
      for (GossipMeasurement one : measured) {
        double y = bottom - HEIGHT * line.of.applyAsDouble(one) / top;
        path.append(path.isEmpty() ? "M" : " L");
        path.append(String.format(Locale.ROOT, "%.1f %.1f", x(left, one), y));
        draw(
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n", x(left, one), y, COLOURS[i]);
      }
      draw("<path d=\"%s\" fill=\"none\" stroke=\"%s\"/>%n", path, COLOURS[i]);
      draw(
          "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>%n",
          left - 40, 29 + 13 * i, COLOURS[i], line.name);
    }
  }

  /// Members by their logarithm.
  private double x(int left, GossipMeasurement one) {
    double least = Math.log(measured.getFirst().members());
    double span = Math.max(1e-9, Math.log(measured.getLast().members()) - least);
    return left + 10 + (WIDTH - 20) * (Math.log(one.members()) - least) / span;
  }

  /// The next number of 1, 2 or 4 times a power of ten.
  private static double ceiling(double most) {
    double power = Math.pow(10, Math.floor(Math.log10(most)));
    for (int step : new int[] {1, 2, 4}) {
      if (most <= step * power) {
        return step * power;
      }
    }
    return 10 * power;
  }

  private static String number(double value) {
    return value == Math.rint(value) || value >= 100
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.3g", value);
  }

  private void draw(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values).replace(System.lineSeparator(), "\n"));
  }
}
