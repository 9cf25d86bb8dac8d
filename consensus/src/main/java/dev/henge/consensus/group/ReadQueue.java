package dev.henge.consensus.group;

import dev.henge.consensus.group.ConsensusGroup.ReadListener;
import dev.henge.consensus.group.ConsensusGroup.Refusal;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads that wait for their group's strand.
///
/// - Bounds: reads that wait here or for their round, by count.
/// - Threads: any.
final class ReadQueue {
  private final int countMax;

  // guarded by this
  private Batch waiting = new Batch();
  private int pendingCount;
  private boolean stopped;

  ReadQueue(int countMax) {
    this.countMax = countMax;
  }

  synchronized ProposalQueue.Offer offer(long term, ReadListener listener) {
    if (stopped) {
      return ProposalQueue.Offer.STOPPED;
    }
    if (pendingCount >= countMax) {
      return ProposalQueue.Offer.OVERLOADED;
    }
    pendingCount++;
    waiting.add(term, listener);
    return waiting.count == 1 ? ProposalQueue.Offer.DUE : ProposalQueue.Offer.QUEUED;
  }

  /// Takes all that waits; null when nothing does. They count until [#settle].
  synchronized @Nullable Batch take() {
    if (waiting.count == 0) {
      return null;
    }
    Batch taken = waiting;
    waiting = new Batch();
    return taken;
  }

  synchronized void settle(int count) {
    pendingCount -= count;
  }

  /// Refuses from now on; what waits is given back to be answered.
  synchronized @Nullable Batch stop() {
    stopped = true;
    return take();
  }

  /// Reads that share an answer. Each answer leaves the account.
  ///
  /// - Threads: one at a time.
  final class Batch {
    private long[] terms = new long[16];
    private ReadListener[] listeners = new ReadListener[16];
    private int count;

    int count() {
      return count;
    }

    void add(long term, ReadListener listener) {
      if (count == listeners.length) {
        terms = Arrays.copyOf(terms, 2 * count);
        listeners = Arrays.copyOf(listeners, 2 * count);
      }
      terms[count] = term;
      listeners[count] = listener;
      count++;
    }

    /// Takes out the reads that were meant for another term than `term`, and refuses them.
    void refuseOtherTerms(long term, long leader) {
      int kept = 0;
      int refused = 0;
      for (int i = 0; i < count; i++) {
        if (terms[i] != 0 && terms[i] != term) {
          refused++;
          listeners[i].refused(Refusal.NOT_LEADER, leader);
        } else {
          listeners[kept] = listeners[i];
          kept++;
        }
      }
      count = kept;
      if (refused > 0) {
        settle(refused);
      }
    }

    void refuse(Refusal refusal, long leader) {
      settle(count);
      for (int i = 0; i < count; i++) {
        listeners[i].refused(refusal, leader);
      }
    }

    void ready(long appliedIndex, long nowMillis) {
      settle(count);
      for (int i = 0; i < count; i++) {
        listeners[i].ready(appliedIndex, nowMillis, 0);
      }
    }
  }
}
