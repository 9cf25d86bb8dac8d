package dev.henge.server.cluster;

import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.ConsensusGroup.GroupStatus;
import dev.henge.consensus.group.GroupRuntime;
import dev.henge.consensus.log.LogStore;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.server.membership.Membership;
import dev.henge.server.peer.PeerCalls;
import dev.henge.server.store.Catalog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What this node tells of itself, and what it hears of the others.
///
/// - Threads: any; nothing blocks.
final class StatusReports {
  private static final Logger LOG = LoggerFactory.getLogger(StatusReports.class);
  private static final long PATIENCE_MILLIS = 1000;

  private final long self;
  private final ClusterMap map;
  private final Catalog catalog;
  private final LogStore logs;
  private final GroupRuntime runtime;
  private final Replicas replicas;
  private final PeerCalls calls;
  private final Probing probing;
  private final Membership liveness;

  StatusReports(
      long self,
      ClusterMap map,
      Catalog catalog,
      LogStore logs,
      GroupRuntime runtime,
      Replicas replicas,
      PeerCalls calls,
      Probing probing,
      Membership liveness) {
    this.self = self;
    this.map = map;
    this.catalog = catalog;
    this.logs = logs;
    this.runtime = runtime;
    this.replicas = replicas;
    this.calls = calls;
    this.probing = probing;
    this.liveness = liveness;
    calls.serve(Services.REPORT, (from, body, responder) -> responder.answer(report().encode()));
  }

  /// Why this node cannot do what it should; empty when it can.
  String trouble() {
    if (map.isRemoved()) {
      return Failures.REMOVED.message();
    }
    if (!probing.isRecognized()) {
      return "no other member has been heard of since the start";
    }
    if (!catalog.healthy() || logs.stoppedBy() != null) {
      return "a log failed, writes have stopped";
    }
    List<String> troubles = replicas.troubles();
    if (!troubles.isEmpty()) {
      return String.join("; ", troubles);
    }
    for (GroupRecord group : map.metadata().dataGroups()) {
      ConsensusGroup replica = runtime.group(group.id());
      if (replica != null && replica.isDiskFull()) {
        return "the disk is full, group " + group.id() + " waits for space";
      }
      if (replica != null && replica.status().leader() == 0) {
        return "group " + group.id() + " has no leader";
      }
    }
    return "";
  }

  NodeReport report() {
    var groups = new ArrayList<NodeReport.GroupReport>();
    for (GroupRecord group : map.metadata().groups().values()) {
      ConsensusGroup replica = runtime.group(group.id());
      if (replica != null) {
        GroupStatus status = replica.status();
        groups.add(
            new NodeReport.GroupReport(
                group.id(),
                status.role(),
                status.term(),
                status.leader(),
                status.commitIndex(),
                status.appliedIndex(),
                status.lastIndex()));
      } else if (group.form() == GroupRecord.Form.LOCAL && group.owner() == self) {
        groups.add(
            new NodeReport.GroupReport(group.id(), GroupStatus.Role.LEADER, 0, self, 0, 0, 0));
      }
    }
    return new NodeReport(self, map.epoch(), trouble(), groups);
  }

  /// The cluster as everybody who answers within a second sees it.
  CompletableFuture<ClusterStatus> status() {
    var round = new Round(map.metadata(), report());
    round.ask();
    return round.result;
  }

  /// One question to every member.
  private final class Round implements PeerCalls.Listener {
    private final Metadata metadata;
    private final Map<Long, NodeReport> reports = new ConcurrentHashMap<>();
    private final AtomicInteger open;
    private final CompletableFuture<ClusterStatus> result = new CompletableFuture<>();

    Round(Metadata metadata, NodeReport mine) {
      this.metadata = metadata;
      reports.put(self, mine);
      // One is this node's own: the others may all have answered before the last was asked.
      open = new AtomicInteger(1);
    }

    void ask() {
      for (long member : metadata.members().keySet()) {
        if (member != self) {
          open.incrementAndGet();
          calls.call(member, Services.REPORT, new byte[0], PATIENCE_MILLIS, this);
        }
      }
      done();
    }

    @Override
    public void answered(byte[] body) {
      try {
        NodeReport report = NodeReport.decode(body);
        reports.put(report.member(), report);
      } catch (IOException e) {
        LOG.warn("a report cannot be read: {}", e.getMessage());
      }
      done();
    }

    @Override
    public void refused(int status, byte[] body) {
      done();
    }

    @Override
    public void lost() {
      done();
    }

    private void done() {
      if (open.decrementAndGet() == 0) {
        result.complete(new ClusterStatus(self, metadata, Map.copyOf(reports), liveness.states()));
      }
    }
  }
}
