package dev.henge.server.cluster;

import dev.henge.consensus.metadata.Metadata;
import dev.henge.replication.membership.MemberState;
import java.util.Map;

/// The cluster as one node sees it now.
///
/// @param self the member that looked
/// @param reports of those who answered, by member number
/// @param liveness what that member believes of each, by member number
public record ClusterStatus(
    long self, Metadata metadata, Map<Long, NodeReport> reports, Map<Long, MemberState> liveness) {
  /// The leader of a group as the newest term among the reports has it; 0 when nobody knows.
  public long leader(long group) {
    long term = -1;
    long leader = 0;
    for (NodeReport report : reports.values()) {
      for (NodeReport.GroupReport one : report.groups()) {
        if (one.group() == group && one.leader() != 0 && one.term() > term) {
          term = one.term();
          leader = one.leader();
        }
      }
    }
    return leader;
  }

  /// The newest term of a group among the reports; 0 when nobody tells.
  public long term(long group) {
    long term = 0;
    for (NodeReport report : reports.values()) {
      for (NodeReport.GroupReport one : report.groups()) {
        if (one.group() == group) {
          term = Math.max(term, one.term());
        }
      }
    }
    return term;
  }

  /// Entries that `member` has to apply until it has what the group is known to have committed; -1
  /// where it did not report.
  public long lag(long group, long member) {
    long committed = 0;
    long applied = -1;
    for (NodeReport report : reports.values()) {
      for (NodeReport.GroupReport one : report.groups()) {
        if (one.group() == group) {
          committed = Math.max(committed, one.commitIndex());
          if (report.member() == member) {
            applied = one.appliedIndex();
          }
        }
      }
    }
    return applied < 0 ? -1 : committed - applied;
  }
}
