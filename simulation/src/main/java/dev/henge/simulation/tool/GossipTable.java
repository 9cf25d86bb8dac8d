package dev.henge.simulation.tool;

import dev.henge.replication.membership.GossipOptions;
import dev.henge.simulation.gossip.GossipMeasurement;
import dev.henge.simulation.gossip.GossipPlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// `henge sim --gossip`: measures gossip at several sizes and prints a table of it.
final class GossipTable {
  private static final int LOSS_PERCENT = 5;

  /// False suspicions are counted over so many ticks of all members together, or an hour.
  private static final int TICKS = 400_000;

  private static final int ROUNDS_MAX = 7_200;

  private static final String ROW = "| %7s | %9s | %9s | %8s | %10s | %14s | %8s | %8s | %8s |%n";

  private GossipTable() {}

  /// @param plot where the drawing goes, if anywhere
  /// @return exit status
  static int print(PrintWriter out, List<Integer> sizes, long seed, @Nullable Path plot)
      throws IOException {
    GossipOptions options = GossipOptions.USUAL;
    out.printf(
        Locale.ROOT,
        "seed %d; a round is %d ms, %d members told, %d entries a message; %d %% of messages"
            + " lost%n",
        seed,
        options.interval().toMillis(),
        options.fanout(),
        options.entryCount(),
        LOSS_PERCENT);
    row(
        out,
        "members",
        "all known",
        "bytes/s",
        "msg/s",
        "suspicions",
        "in pair-hours",
        "doubted",
        "all down",
        "all back");
    var measured = new ArrayList<GossipMeasurement>();
    for (int size : sizes) {
      int rounds = Math.min(ROUNDS_MAX, Math.max(1, TICKS / size));
      var one = GossipMeasurement.of(size, LOSS_PERCENT, rounds, options, seed);
      measured.add(one);
      row(
          out,
          "%,d".formatted(one.members()),
          one.knownRounds(),
          "%,.0f".formatted(one.bytesPerSecond()),
          "%.1f".formatted(one.messagesPerSecond()),
          "%d+%d".formatted(one.suspicions(), one.downs()),
          "%,.0f".formatted(one.pairHours(options)),
          one.suspectedRounds(),
          one.downRounds(),
          one.backRounds());
    }
    if (plot != null) {
      Files.writeString(plot, GossipPlot.svg(measured, options));
      out.println("drawn: " + plot);
    }
    return 0;
  }

  private static void row(PrintWriter out, Object... cells) {
    out.printf(Locale.ROOT, ROW, cells);
  }
}
