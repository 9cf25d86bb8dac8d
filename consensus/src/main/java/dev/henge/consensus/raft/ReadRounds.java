package dev.henge.consensus.raft;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Linearizable reads without a log entry (6.4): a read is as fresh as the commit index at the
/// start of a round of heartbeats that began after the read arrived, once a quorum has answered
/// that round.
///
/// All reads that wait when a round begins share it. Every round has a number, also those without
/// reads, so that an answer to a newer round confirms the older ones too.
final class ReadRounds {
  private record Batch(long round, long index, List<Long> contexts) {}

  private final Raft raft;

  /// Reads that wait for a round to begin, and those whose round is under way; together at most
  /// `readsMax`.
  private List<Long> waiting = new ArrayList<>();

  private final ArrayDeque<Batch> underWay = new ArrayDeque<>();
  private int count;
  private long round;

  ReadRounds(Raft raft) {
    this.raft = raft;
  }

  /// Round numbers go on rising over terms: an answer of an older term is not counted anyway.
  void reset() {
    waiting.clear();
    underWay.clear();
    count = 0;
  }

  boolean isIdle() {
    return count == 0;
  }

  long newestRound() {
    return round;
  }

  long quorumRound() {
    return Quorum.reached(
        raft.deciding(),
        member -> member == raft.self ? round : raft.replication.progress(member).round);
  }

  Outcome add(long context) {
    if (count >= raft.options.readsMax()) {
      return Outcome.OVERLOADED;
    }
    count++;
    if (!underWay.isEmpty() && !raft.readWaitsForNextRound()) {
      underWay.getLast().contexts().add(context);
      return Outcome.ACCEPTED;
    }
    waiting.add(context);
    beginIfFree();
    return Outcome.ACCEPTED;
  }

  /// The leader has committed: perhaps for the first time in its term, then what waits may begin.
  void committed() {
    beginIfFree();
  }

  private void beginIfFree() {
    if (underWay.isEmpty() && !waiting.isEmpty() && raft.knowsWhatIsCommitted()) {
      beginRound();
    }
  }

  /// Begins a round for all that waits; also the regular heartbeat.
  void beginRound() {
    round++;
    if (!waiting.isEmpty() && raft.knowsWhatIsCommitted()) {
      underWay.add(new Batch(round, raft.commitIndex(), waiting));
      waiting = new ArrayList<>();
    }
    raft.replication.heartbeat(round);
    answered();
  }

  /// Somebody answered a round.
  void answered() {
    if (underWay.isEmpty()) {
      return;
    }
    long confirmed = quorumRound();
    while (!underWay.isEmpty() && underWay.getFirst().round() <= confirmed) {
      Batch batch = underWay.removeFirst();
      count -= batch.contexts().size();
      batch.contexts().forEach(context -> raft.outbox.readState(context, batch.index()));
    }
    beginIfFree();
  }

  /// Leadership is lost.
  void failAll() {
    underWay.forEach(batch -> batch.contexts().forEach(this::fail));
    waiting.forEach(this::fail);
    reset();
  }

  private void fail(long context) {
    raft.outbox.readState(context, -1);
  }
}
