package dev.henge.simulation;

import dev.henge.simulation.fault.FaultClass;
import java.util.List;
import java.util.Map;

/// What one run came to.
///
/// @param violations empty when all is well
/// @param traceHash equal for two runs of one seed
public record Report(
    long seed,
    SimulationOptions options,
    List<String> violations,
    Cluster.Counts counts,
    long answered,
    long unknown,
    long refused,
    Map<FaultClass, Integer> faults,
    long virtualMillis,
    long events,
    long messages,
    long traceHash) {

  public boolean isGood() {
    return violations.isEmpty();
  }

  int faultCount() {
    return faults.values().stream().mapToInt(Integer::intValue).sum();
  }

  /// One line for a run that is good; the first line, what is wrong, and how to repeat it for one
  /// that is not.
  public String text() {
    String line =
        ("seed %d, %d machines: %.1f virtual s, %d answered, %d unknown, %d refused,"
                + " %d elections, %d images, %d changes of members, %d faults of %d classes,"
                + " %d messages, %d events%s, trace %016x")
            .formatted(
                seed,
                options.machines(),
                virtualMillis / 1e3,
                answered,
                unknown,
                refused,
                counts.elections(),
                counts.installs(),
                counts.changes(),
                faultCount(),
                faults.size(),
                messages,
                events,
                counts.operations().isEmpty() ? "" : ", " + counts.operations(),
                traceHash);
    if (isGood()) {
      return line;
    }
    return "FAILED "
        + line
        + "\n"
        + faults
        + "\n"
        + String.join("\n", violations)
        + "\nagain: "
        + SimulationOptions.command(seed, 1, options.machines(), options.subject());
  }
}
