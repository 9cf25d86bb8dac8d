package dev.henge.consensus.strong;

import java.util.ArrayDeque;

/// Which applied state the engine would be found in after a crash: translates the sequence number
/// up to which it is flushed.
///
/// - Shape: at most [#MARKS_MAX] places; where there would be more, every second one is left out,
///   and the answer is a little older than it could be.
/// - Threads: any.
final class DurableMarks {
  private static final int MARKS_MAX = 1024;

  private record Mark(long sequence, AppliedState state) {}

  // guarded by this
  private ArrayDeque<Mark> pending = new ArrayDeque<>();
  private AppliedState durable;

  DurableMarks(AppliedState durable) {
    this.durable = durable;
  }

  /// The engine holds `state` from `sequence` on.
  synchronized void add(long sequence, AppliedState state) {
    pending.add(new Mark(sequence, state));
    if (pending.size() > MARKS_MAX) {
      var thinned = new ArrayDeque<Mark>(MARKS_MAX);
      boolean keep = false;
      for (Mark mark : pending) {
        if (keep || mark == pending.getLast()) {
          thinned.add(mark);
        }
        keep = !keep;
      }
      pending = thinned;
    }
  }

  /// What is durable once the engine is flushed up to there.
  synchronized AppliedState durable(long flushedSequence) {
    Mark oldest = pending.peek();
    while (oldest != null && oldest.sequence() <= flushedSequence) {
      durable = oldest.state();
      pending.remove();
      oldest = pending.peek();
    }
    return durable;
  }
}
