package dev.henge.consensus.raft;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Linearizable reads without a log entry (6.4): a read is as fresh as the commit index at the
/// start of a round of heartbeats that began after the read arrived, once a quorum has answered
/// that round.
///
/// All reads that wait when a round begins share it. Every round has a number, also those without
/// reads, so that an answer to a newer round confirms the older ones too.
final class ReadRounds {
  private record Batch(long round, long index, List<Long> contexts) {}

  /// What was committed when a round began, and what members had said of their time by then.
  private record Begun(long round, long commit, Map<Long, Long> stamps) {}

  /// Rounds that nobody answers are forgotten, the oldest first.
  private static final int BEGUN_MAX = 64;

  private final Raft raft;

  /// Reads that wait for a round to begin, and those whose round is under way; together at most
  /// `readsMax`.
  private List<Long> waiting = new ArrayList<>();

  private final ArrayDeque<Batch> underWay = new ArrayDeque<>();
  private final ArrayDeque<Begun> begun = new ArrayDeque<>();
  private @Nullable Begun confirmed;
  private int count;
  private long round;

  ReadRounds(Raft raft) {
    this.raft = raft;
  }

  /// Round numbers go on rising over terms: an answer of an older term is not counted anyway.
  void reset() {
    waiting.clear();
    underWay.clear();
    begun.clear();
    confirmed = null;
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

  /// The newest commit index of which a quorum has confirmed that it was everything; 0 for none in
  /// this term.
  long confirmedIndex() {
    return confirmed == null ? 0 : confirmed.commit;
  }

  /// What `member` had said of its time before that was so: its last stamp; 0 for none.
  long confirmedStamp(long member) {
    return confirmed == null ? 0 : confirmed.stamps.getOrDefault(member, 0L);
  }

  private void confirm() {
    long answered = raft.confirmedRound();
    while (!begun.isEmpty() && begun.getFirst().round <= answered) {
      confirmed = begun.removeFirst();
    }
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
    if (raft.knowsWhatIsCommitted()) {
      if (begun.size() >= BEGUN_MAX) {
        begun.removeFirst();
      }
      begun.add(new Begun(round, raft.commitIndex(), raft.replication.stamps()));
    }
    raft.replication.heartbeat(round);
    answered();
  }

  /// Somebody answered a round.
  void answered() {
    confirm();
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
