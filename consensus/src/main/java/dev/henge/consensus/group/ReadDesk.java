package dev.henge.consensus.group;

import dev.henge.base.Clock;
import dev.henge.consensus.group.ConsensusGroup.ReadLevel;
import dev.henge.consensus.group.ConsensusGroup.ReadListener;
import dev.henge.consensus.group.ConsensusGroup.Refusal;
import dev.henge.consensus.raft.Lease;
import dev.henge.consensus.raft.Outcome;
import dev.henge.consensus.raft.Raft;
import dev.henge.consensus.raft.Ready;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds out for waiting reads from which applied index on they are fresh enough: by a round of
/// heartbeats that all of them share, or by the leader's lease.
///
/// - Threads: [#offer] from any, the rest is the group's strand's.
final class ReadDesk {
  private final Raft core;
  private final Lease lease;
  private final Clock clock;
  private final Applier applier;
  private final GroupTime time;
  private final WaitingReads waiting;
  private final ReadQueue linearizable;
  private final ReadQueue leased;

  // owned by the strand
  private final Map<Long, ReadQueue.Batch> rounds = new LinkedHashMap<>();
  private long newestContext;

  ReadDesk(
      Raft core,
      Lease lease,
      Clock clock,
      Applier applier,
      GroupTime time,
      WaitingReads waiting,
      int countMax) {
    this.core = core;
    this.lease = lease;
    this.clock = clock;
    this.applier = applier;
    this.time = time;
    this.waiting = waiting;
    this.linearizable = new ReadQueue(countMax);
    this.leased = new ReadQueue(countMax);
  }

  ProposalQueue.Offer offer(ReadLevel level, long term, ReadListener listener) {
    return (level == ReadLevel.LEADER ? leased : linearizable).offer(term, listener);
  }

  /// Messages of the core are about to leave: rounds among them count from now.
  void sending() {
    lease.sent(core.newestRound(), clock.monotonicNanos());
  }

  /// The core was given something, which may have ended a round.
  void heard() {
    lease.acknowledged(core.quorumRound(), clock.monotonicNanos());
  }

  /// Takes what waits.
  void run() {
    ReadQueue.Batch batch = leased.take();
    if (batch != null) {
      if (core.mayReadByLease() && lease.holds(clock.monotonicNanos())) {
        batch.refuseOtherTerms(core.term(), core.leader());
        place(core.commitIndex(), batch);
      } else {
        begin(batch);
      }
    }
    batch = linearizable.take();
    if (batch != null) {
      begin(batch);
    }
  }

  /// Rounds have ended.
  void ended(List<Ready.ReadState> states) {
    for (Ready.ReadState state : states) {
      ReadQueue.Batch batch = rounds.remove(state.context());
      if (batch == null) {
        continue;
      }
      if (state.index() < 0) {
        batch.refuse(Refusal.NOT_LEADER, core.leader());
      } else {
        place(state.index(), batch);
      }
    }
  }

  void stop() {
    stop(leased.stop());
    stop(linearizable.stop());
    rounds.values().forEach(ReadDesk::stop);
    rounds.clear();
    waiting.refuse(Refusal.STOPPED, 0);
  }

  private static void stop(ReadQueue.@Nullable Batch batch) {
    if (batch != null) {
      batch.refuse(Refusal.STOPPED, 0);
    }
  }

  private void begin(ReadQueue.Batch batch) {
    batch.refuseOtherTerms(core.term(), core.leader());
    if (batch.count() == 0) {
      return;
    }
    long context = ++newestContext;
    Outcome outcome = core.readIndex(context);
    if (outcome == Outcome.ACCEPTED) {
      rounds.put(context, batch);
    } else {
      batch.refuse(
          outcome == Outcome.OVERLOADED ? Refusal.OVERLOADED : Refusal.NOT_LEADER, core.leader());
    }
  }

  private void place(long index, ReadQueue.Batch batch) {
    long applied = applier.appliedIndex();
    if (applied < index && applier.isFull()) {
      batch.refuse(Refusal.DISK_FULL, core.leader());
    } else if (applied < index) {
      waiting.add(index, batch);
      applier.readsWait();
    } else if (waiting.addBehind(index, batch)) {
      applier.readsWait();
    } else {
      batch.ready(applied, time.next());
    }
  }
}
