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
  private int serving;

  synchronized void add(long index, ReadQueue.Batch batch) {
    waiting.add(new Waiting(index, batch));
  }

  /// As [#add], where others wait or are being answered: a read does not see less than one that was
  /// asked before it.
  ///
  /// @return false where nobody is before it
  synchronized boolean addBehind(long index, ReadQueue.Batch batch) {
    if (waiting.isEmpty() && serving == 0) {
      return false;
    }
    waiting.add(new Waiting(index, batch));
    return true;
  }

  /// Answers those that `appliedIndex` allows.
  void serve(long appliedIndex, GroupTime time) {
    synchronized (this) {
      serving++;
    }
    try {
      Waiting first;
      while ((first = takeUpTo(appliedIndex)) != null) {
        first.batch.ready(appliedIndex, time.next());
      }
    } finally {
      synchronized (this) {
        serving--;
      }
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
