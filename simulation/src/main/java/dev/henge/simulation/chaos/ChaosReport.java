package dev.henge.simulation.chaos;

import java.util.List;
import java.util.Map;

/// What a run came to.
///
/// @param violations empty when all is well
/// @param operations answered
/// @param unknown operations whose fate no client will know
/// @param refused operations that were surely not done
/// @param repeated writes sent again under their request id
/// @param elections terms begun
/// @param failovers another node than before led
/// @param longestGapSeconds the longest time without an answer to any client
/// @param transfers planned handovers of leadership with nothing else happening
/// @param pausedLeaders experiments with a paused leader
/// @param resumedAnswers reads of resumed leaders that gave the new value; others gave an error
/// @param notes what is worth knowing, and not wrong
public record ChaosReport(
    List<String> violations,
    long operations,
    long unknown,
    long refused,
    long repeated,
    long elections,
    long failovers,
    double longestGapSeconds,
    Map<FaultKind, Integer> faults,
    int transfers,
    int pausedLeaders,
    long resumedAnswers,
    long resumedErrors,
    List<String> notes) {

  public boolean isGood() {
    return violations.isEmpty();
  }

  /// A table of the counts.
  public String table() {
    var table = new StringBuilder();
    row(table, "operations answered", operations);
    row(table, "  of unknown outcome", unknown);
    row(table, "  given up, not done", refused);
    row(table, "  sent again by request id", repeated);
    row(table, "elections", elections);
    row(table, "failovers", failovers);
    faults.forEach((kind, count) -> row(table, "fault " + kind.word(), count));
    row(table, "planned handovers, unfelt", transfers);
    row(table, "leaders paused", pausedLeaders);
    row(table, "  reads answered on resuming", resumedAnswers);
    row(table, "  reads refused on resuming", resumedErrors);
    table.append("%-28s %12.2f s%n".formatted("longest time of no answer", longestGapSeconds));
    return table.toString();
  }

  private static void row(StringBuilder table, String name, long count) {
    table.append("%-28s %,12d%n".formatted(name, count));
  }
}
