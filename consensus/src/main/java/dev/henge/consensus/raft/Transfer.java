package dev.henge.consensus.raft;

import java.util.SortedSet;

/// Handing leadership to another voter (3.10): no new entries, until the target holds all there
/// are; then it is asked to campaign at once. Given up after an election timeout.
final class Transfer {
  private final Raft raft;
  private long target;
  private int elapsed;
  private boolean asked;
  private boolean askedInTerm;

  Transfer(Raft raft) {
    this.raft = raft;
  }

  void reset() {
    end();
    askedInTerm = false;
  }

  void end() {
    target = 0;
    asked = false;
  }

  boolean isUnderWay() {
    return target != 0;
  }

  /// Whether somebody was asked to campaign in this term: from then on no lease holds, because
  /// voters heed that request although they hear this leader.
  boolean hasAskedInTerm() {
    return askedInTerm;
  }

  Outcome begin(long to) {
    if (isUnderWay()) {
      return target == to ? Outcome.ACCEPTED : Outcome.TRANSFERRING;
    }
    if (!raft.configuration().voters().contains(to)) {
      return Outcome.INVALID;
    }
    if (to == raft.self) {
      return Outcome.ACCEPTED;
    }
    target = to;
    elapsed = 0;
    advance();
    return Outcome.ACCEPTED;
  }

  void tick() {
    if (isUnderWay() && ++elapsed >= raft.options.electionTicks()) {
      end();
    }
  }

  /// The target may have caught up.
  void advance() {
    if (!isUnderWay() || asked) {
      return;
    }
    if (!raft.configuration().isVoter(target)) {
      end();
    } else if (raft.replication.progress(target).match() == raft.log.lastIndex()) {
      asked = true;
      askedInTerm = true;
      raft.outbox.send(new Message.TimeoutNow(raft.self, target, raft.term()));
    }
  }

  /// A leader that is no voter any more asks one that holds everything to campaign at once.
  void leaveTo(SortedSet<Long> voters) {
    for (long voter : voters) {
      if (raft.replication.progress(voter).match() == raft.log.lastIndex()) {
        askedInTerm = true;
        raft.outbox.send(new Message.TimeoutNow(raft.self, voter, raft.term()));
        return;
      }
    }
  }
}
