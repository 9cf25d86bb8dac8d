package dev.henge.simulation.node;

import dev.henge.consensus.group.ConsensusGroup.GroupStatus.Role;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.server.cluster.NodeReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What may never come about in a cluster, whoever looks: two leaders in one term, an epoch of
/// which there are two, a member's number or id that comes back.
///
/// - Threads: the simulation's.
final class NodeWitness {
  private static final int VIOLATIONS_MAX = 20;

  private record Term(long group, long number) {}

  private record Aim(long group, long change) {}

  private final Map<Term, Long> leaders = new HashMap<>();
  private final Map<Long, Metadata> epochs = new HashMap<>();
  private final Set<Aim> confirmed = new HashSet<>();
  private final Set<Aim> founded = new HashSet<>();
  private final List<String> violations = new ArrayList<>();
  private long installs;

  void saw(long member, NodeReport.GroupReport report) {
    if (report.role() == Role.LEADER && report.term() > 0) {
      Long other = leaders.putIfAbsent(new Term(report.group(), report.term()), member);
      if (other != null && other != member) {
        violation(
            "group %d has two leaders in term %d: %d and %d"
                .formatted(report.group(), report.term(), other, member));
      }
    }
  }

  void saw(Metadata metadata) {
    Metadata before = epochs.putIfAbsent(metadata.epoch(), metadata);
    if (before == null) {
      for (GroupRecord group : metadata.groups().values()) {
        if (founded.add(new Aim(group.id(), group.foundedChange()))) {
          confirmed.add(new Aim(group.id(), group.foundedChange()));
        }
        confirmed.add(new Aim(group.id(), group.confirmedChange()));
      }
      metadata
          .members()
          .values()
          .forEach(member -> {
            if (metadata.barred().contains(member.node().id())) {
              violation("epoch " + metadata.epoch() + " has member " + member + ", who is barred");
            }
          });
    } else if (!before.equals(metadata)) {
      violation("epoch " + metadata.epoch() + " is two: " + before + " and " + metadata);
    }
  }

  /// A replica took an image in.
  void installed() {
    installs++;
  }

  /// Groups that got a leader, each time.
  long elections() {
    return leaders.size();
  }

  long installs() {
    return installs;
  }

  /// Changes of members that were confirmed, foundings left out.
  long changes() {
    return confirmed.size() - founded.size();
  }

  List<String> violations() {
    return violations;
  }

  private void violation(String text) {
    if (violations.size() < VIOLATIONS_MAX) {
      violations.add(text);
    }
  }
}
