package dev.henge.consensus.group;

import dev.henge.consensus.group.ConsensusGroup.Refusal;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Reads whose index is known and not applied yet.
///
/// - Bounds: [ReadQueue] counts what is in here.
/// - Threads: any; listeners are called outside the lock.
final class WaitingReads {
  private record Waiting(long index, ReadQueue.Batch batch) {}

  // guarded by this; a leader's read indexes do not fall, and another term's reads find these gone
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  synchronized void add(long index, ReadQueue.Batch batch) {
    waiting.add(new Waiting(index, batch));
  }

  /// Answers those that `appliedIndex` allows.
  void serve(long appliedIndex, GroupTime time) {
    Waiting first;
    while ((first = takeUpTo(appliedIndex)) != null) {
      first.batch.ready(appliedIndex, time.next());
    }
  }

  void refuse(Refusal refusal, long leader) {
    Waiting first;
    while ((first = takeUpTo(Long.MAX_VALUE)) != null) {
      first.batch.refuse(refusal, leader);
    }
  }

  private synchronized @Nullable Waiting takeUpTo(long index) {
    Waiting first = waiting.peekFirst();
    return first == null || first.index > index ? null : waiting.removeFirst();
  }
}
