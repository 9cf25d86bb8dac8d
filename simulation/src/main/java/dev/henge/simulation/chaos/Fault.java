package dev.henge.simulation.chaos;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/// One fault that has begun: steps that are taken one by one until it is over.
///
/// - Threads: one.
final class Fault {
  /// One step.
  interface Step {
    /// @param due whether the fault has lasted its time
    /// @return whether the step is done, and the next may come
    boolean done(boolean due) throws IOException;
  }

  private final FaultKind kind;
  private final Set<Integer> nodes;
  private final List<Step> steps;
  private long untilNanos;
  private int at;

  /// @param nodes that suffer
  /// @param untilNanos when its effect shall end
  Fault(FaultKind kind, Set<Integer> nodes, long untilNanos, List<Step> steps) {
    this.kind = kind;
    this.nodes = Set.copyOf(nodes);
    this.untilNanos = untilNanos;
    this.steps = List.copyOf(steps);
  }

  FaultKind kind() {
    return kind;
  }

  Set<Integer> nodes() {
    return nodes;
  }

  /// Its effect shall end now.
  void hurry() {
    untilNanos = Long.MIN_VALUE;
  }

  /// Goes as far as it can without waiting.
  ///
  /// @return whether it is over
  boolean advance(long nowNanos) throws IOException {
    while (at < steps.size() && steps.get(at).done(nowNanos >= untilNanos)) {
      at++;
    }
    return at == steps.size();
  }
}
