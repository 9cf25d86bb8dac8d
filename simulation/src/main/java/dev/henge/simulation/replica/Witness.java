package dev.henge.simulation.replica;

import dev.henge.consensus.group.ConsensusGroup.GroupStatus;
import dev.henge.consensus.group.StateMachine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Sees what no client sees: which commands every replica applies, and who leads in which term.
///
/// - Invariants: (1) at one place of a group's log all replicas apply the same command, time and
///   seed (dissertation 3.6.3, State Machine Safety); (2) a term has at most one leader (3.6.3,
///   Election Safety); (3) the time of a group's commands never goes back.
/// - Threads: the simulation's.
public final class Witness {
  private static final int VIOLATIONS_MAX = 20;

  private record Place(long group, long index, int offset) {}

  private record Applied(long term, long nowMillis, long seed, int bytesHash) {}

  private record Term(long group, long number) {}

  private final Map<Place, Applied> applied = new HashMap<>();
  private final Map<Term, Long> leaders = new HashMap<>();
  private final Set<String> configurations = new HashSet<>();
  private final List<String> violations = new ArrayList<>();
  private long installs;

  void applied(long group, long member, StateMachine.Command command) {
    var place = new Place(group, command.index(), command.offset());
    var what =
        new Applied(
            command.term(), command.nowMillis(), command.seed(), Arrays.hashCode(command.bytes()));
    Applied before = applied.putIfAbsent(place, what);
    if (before != null && !before.equals(what)) {
      violation("member " + member + " applied " + what + " at " + place + ", another " + before);
    }
  }

  /// A replica took an image in.
  void installed() {
    installs++;
  }

  void saw(long group, long member, GroupStatus status) {
    if (status.role() == GroupStatus.Role.LEADER) {
      Long other = leaders.putIfAbsent(new Term(group, status.term()), member);
      if (other != null && other != member) {
        violation(
            "group %d has two leaders in term %d: %d and %d"
                .formatted(group, status.term(), other, member));
      }
      if (!status.configuration().isJoint()) {
        configurations.add(group + ": " + status.configuration());
      }
    }
  }

  long elections() {
    return leaders.size();
  }

  long installs() {
    return installs;
  }

  /// Different configurations that came about, without the first ones.
  long changes(int groups) {
    return Math.max(0, configurations.size() - groups);
  }

  List<String> violations() {
    return violations;
  }

  void violation(String text) {
    if (violations.size() < VIOLATIONS_MAX) {
      violations.add(text);
    }
  }
}
