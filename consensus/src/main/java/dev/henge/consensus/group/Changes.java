package dev.henge.consensus.group;

import dev.henge.consensus.group.ConsensusGroup.OutcomeListener;
import dev.henge.consensus.group.ConsensusGroup.Refusal;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Outcome;
import dev.henge.consensus.raft.Raft;
import java.util.ArrayList;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Changes of members and of leadership that are under way, and who waits for their end.
///
/// - Bounds: one change of members and one transfer; a newer change of members replaces the older
///   where the core allows that.
/// - Threads: the group's strand.
final class Changes {
  private final Raft core;

  private @Nullable Members members;
  private @Nullable Handover handover;

  private record Members(
      SortedSet<Long> voters, SortedSet<Long> learners, OutcomeListener listener) {}

  private record Handover(long member, OutcomeListener listener) {}

  Changes(Raft core) {
    this.core = core;
  }

  void changeMembers(SortedSet<Long> voters, SortedSet<Long> learners, OutcomeListener listener) {
    Outcome outcome = core.changeMembers(voters, learners);
    Refusal refusal = refusal(outcome);
    if (refusal != null) {
      listener.refused(refusal, core.leader());
      return;
    }
    Members replaced = members;
    members = new Members(new TreeSet<>(voters), new TreeSet<>(learners), listener);
    if (replaced != null) {
      replaced.listener.unknown();
    }
  }

  void transfer(long member, OutcomeListener listener) {
    if (handover != null) {
      listener.refused(Refusal.BUSY, core.leader());
      return;
    }
    if (core.role() == Raft.Role.LEADER && member == core.self()) {
      listener.done();
      return;
    }
    Refusal refusal = refusal(core.transfer(member));
    if (refusal != null) {
      listener.refused(refusal, core.leader());
      return;
    }
    handover = new Handover(member, listener);
  }

  /// Gives leadership to the voter that holds most of the log, unless it is being given already;
  /// where several hold as much, not to the same one in every term.
  void handOver() {
    if (core.role() != Raft.Role.LEADER || core.isTransferring()) {
      return;
    }
    var best = new ArrayList<Long>();
    long most = -1;
    for (Map.Entry<Long, Long> held : core.matched().entrySet()) {
      long member = held.getKey();
      if (member != core.self()
          && core.configuration().voters().contains(member)
          && held.getValue() >= most) {
        if (held.getValue() > most) {
          best.clear();
        }
        best.add(member);
        most = held.getValue();
      }
    }
    if (!best.isEmpty()) {
      // Where it is refused the next tick tries again.
      var ignored = core.transfer(best.get((int) (core.term() % best.size())));
    }
  }

  /// Looks whether something has ended; called after each step of the core.
  void check() {
    Members changing = members;
    if (changing != null) {
      if (isReached(changing)) {
        members = null;
        changing.listener.done();
      } else if (core.role() != Raft.Role.LEADER || !core.isChangingMembers()) {
        members = null;
        changing.listener.unknown();
      }
    }
    Handover handing = handover;
    if (handing != null && !core.isTransferring()) {
      if (core.leader() == handing.member) {
        handover = null;
        handing.listener.done();
      } else if (core.leader() != 0) {
        handover = null;
        handing.listener.unknown();
      }
    }
  }

  void stop() {
    Members changing = members;
    if (changing != null) {
      members = null;
      changing.listener.unknown();
    }
    Handover handing = handover;
    if (handing != null) {
      handover = null;
      handing.listener.unknown();
    }
  }

  private boolean isReached(Members changing) {
    Configuration committed = core.configurationAt(core.commitIndex());
    return !committed.isJoint()
        && committed.voters().equals(changing.voters)
        && committed.learners().equals(changing.learners);
  }

  /// What a caller hears of an outcome; null where it was accepted.
  static @Nullable Refusal refusal(Outcome outcome) {
    return switch (outcome) {
      case ACCEPTED -> null;
      case NOT_LEADER -> Refusal.NOT_LEADER;
      case TRANSFERRING -> Refusal.TRANSFERRING;
      case OVERLOADED -> Refusal.OVERLOADED;
      case BUSY -> Refusal.BUSY;
      case INVALID -> Refusal.INVALID;
    };
  }
}
