package dev.henge.simulation.world;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/// Says on every line that nodes log when, in the run's time, and on which machine that was.
///
/// - Threads: each run on its own.
final class Hearing {
  private static final Logger LOG = LoggerFactory.getLogger("dev.henge.simulation");

  private final boolean on = LOG.isInfoEnabled();

  /// An event begins that belongs to no machine yet.
  void at(long nanos) {
    if (on) {
      MDC.put("at", "%.4f".formatted(nanos / 1e9));
      MDC.remove("on");
    }
  }

  /// What runs now does so on a machine.
  void on(String machine) {
    if (on) {
      MDC.put("on", machine);
    }
  }
}
