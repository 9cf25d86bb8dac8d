package dev.henge.consensus.raft;

import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A leader's change of members (4): new voters first join as learners and catch up (4.2.1), then a
/// joint configuration takes over (4.3), which every leader leaves by itself once it is committed.
///
/// - Invariants: (1) no configuration is appended before the one before it is committed, nor before
///   the leader has committed an entry of its term.
final class MembershipChange {
  private record Target(SortedSet<Long> voters, SortedSet<Long> learners, long caughtUp) {}

  private final Raft raft;
  private @Nullable Target target;

  MembershipChange(Raft raft) {
    this.raft = raft;
  }

  boolean isUnderWay() {
    return target != null
        || raft.configuration().isJoint()
        || raft.configurations.currentIndex() > raft.commitIndex();
  }

  void end() {
    target = null;
  }

  Outcome begin(SortedSet<Long> voters, SortedSet<Long> learners) {
    if (voters.isEmpty() || learners.stream().anyMatch(voters::contains)) {
      return Outcome.INVALID;
    }
    if (raft.transfer.isUnderWay()) {
      return Outcome.TRANSFERRING;
    }
    if (raft.configuration().isJoint() || !raft.hasCommittedInTerm()) {
      return Outcome.BUSY;
    }
    target = new Target(new TreeSet<>(voters), new TreeSet<>(learners), raft.commitIndex());
    advance();
    return Outcome.ACCEPTED;
  }

  /// Takes the next step if the one before is done.
  void advance() {
    if (raft.configurations.currentIndex() > raft.commitIndex() || !raft.hasCommittedInTerm()) {
      return;
    }
    Configuration now = raft.configuration();
    if (now.isJoint()) {
      append(new Configuration(now.voters(), new TreeSet<>(), now.learners()));
    } else if (!now.voters().contains(raft.self)) {
      raft.transfer.leaveTo(now.voters());
      raft.becomeFollower(raft.term(), 0); // removed, and the removal is committed (4.2.2)
    } else if (target != null) {
      approach(target, now);
    }
  }

  private void approach(Target target, Configuration now) {
    var newcomers = new TreeSet<>(target.voters());
    newcomers.removeAll(now.members());
    if (!newcomers.isEmpty()) {
      newcomers.addAll(now.learners());
      append(new Configuration(now.voters(), new TreeSet<>(), newcomers));
    } else if (now.voters().equals(target.voters())) {
      if (!now.learners().equals(target.learners())) {
        append(new Configuration(now.voters(), new TreeSet<>(), target.learners()));
      }
      end();
    } else if (haveCaughtUp(target, now)) {
      append(new Configuration(target.voters(), now.voters(), target.learners()));
      end();
    }
  }

  /// Whether every new voter holds what was committed when the change began.
  private boolean haveCaughtUp(Target target, Configuration now) {
    for (long voter : target.voters()) {
      if (!now.voters().contains(voter)) {
        Progress progress = raft.replication.progress(voter);
        if (progress.state() != Progress.State.REPLICATE || progress.match() < target.caughtUp()) {
          return false;
        }
      }
    }
    return true;
  }

  private void append(Configuration configuration) {
    raft.replication.appendConfiguration(configuration);
  }
}
