package dev.henge.consensus.raft;

/// Lets a group in which nothing happens go quiet, so that idle groups cost nothing.
///
/// The leader tells everybody when all hold and have committed the same log and nothing happened
/// for `quiesceTicks`; then nobody counts ticks. Any message or request wakes a replica, and so
/// does the driver's news that the leader cannot be reached. A follower that was woken alone
/// campaigns in time (by pre-vote, which changes nothing) and so wakes the leader.
final class Quiescence {
  private final Raft raft;
  private int idleTicks;
  private boolean quiet;

  Quiescence(Raft raft) {
    this.raft = raft;
  }

  boolean isQuiet() {
    return quiet;
  }

  /// At a leader.
  void tick() {
    int needed = raft.options.quiesceTicks();
    if (needed > 0 && ++idleTicks >= needed && nothingToDo()) {
      long commit = raft.commitIndex();
      for (long to : raft.configuration().members()) {
        if (to != raft.self) {
          raft.outbox.send(new Message.Quiesce(raft.self, to, raft.term(), commit));
        }
      }
      quiet = true;
    }
  }

  private boolean nothingToDo() {
    return raft.commitIndex() == raft.log.lastIndex()
        && raft.hasCommittedInTerm()
        && raft.replication.allMatch(raft.commitIndex())
        && raft.reads.isIdle()
        && !raft.transfer.isUnderWay()
        && !raft.change.isUnderWay();
  }

  /// At a follower: its leader goes quiet.
  void rest() {
    quiet = true;
  }

  void heard(Message message) {
    if (!(message instanceof Message.HeartbeatReply)) {
      wake();
    }
  }

  void wake() {
    idleTicks = 0;
    if (quiet) {
      quiet = false;
      raft.elections.wake();
      raft.replication.wake();
    }
  }
}
