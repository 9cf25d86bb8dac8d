package dev.henge.server.resp;

import dev.henge.consensus.group.ConsensusGroup.GroupStatus;
import dev.henge.consensus.metadata.Address;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.Routes;
import dev.henge.server.cluster.Groups;
import dev.henge.server.cluster.Replica;
import dev.henge.server.cluster.StrongClient;
import dev.henge.server.store.Group;
import dev.henge.server.store.Keyspace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What this node is in the group of a connection's keyspace, in Redis's words: the leader is the
/// master, everybody else a replica of it. Any node takes writes all the same.
///
/// Offsets are indexes of the group's log. Of a keyspace with several groups it is about one that
/// this node leads, or else the first. An eventual keyspace has no leader: every node is the
/// master.
sealed interface Replication {
  /// Of no stream of writes.
  String NO_ID = "0".repeat(40);

  /// This node holds all of it.
  Replication ALONE = new Leader(NO_ID, 0, List.of());

  /// As Redis names a stream of writes: 40 hexadecimal digits.
  String id();

  /// @param offset the newest entry of its log
  /// @param replicas that are connected
  record Leader(String id, long offset, List<Connected> replicas) implements Replication {}

  /// @param offset up to which it is known to hold the log
  /// @param lagSeconds since it was heard of, where it does not hold all; else 0
  record Connected(Address address, long offset, long lagSeconds) {
    /// Whether it has begun to follow the log.
    boolean online() {
      return offset > 0;
    }
  }

  /// @param leader who leads, or where nobody is known to, who may; null for nobody
  /// @param linkUp whether that is known to lead, and can be reached
  /// @param silentSeconds since it was heard of
  /// @param readOffset the newest entry of this node's log
  /// @param offset the newest entry that it has applied; 0 where it holds no replica
  record Follower(
      String id,
      @Nullable Address leader,
      boolean linkUp,
      long silentSeconds,
      long readOffset,
      long offset)
      implements Replication {}

  /// As it is now.
  static Replication of(RespSession session) {
    Keyspace keyspace = session.executor().keyspace();
    StrongClient client = session.server().strongClient();
    Group alone = keyspace.group();
    boolean leaderless = keyspace.isEventual();
    if (client == null || leaderless || (alone != null && !alone.isRetired())) {
      return ALONE;
    }
    Groups groups = client.groups();
    Routes routes = groups.routes();
    int routeId = keyspace.database() >= 0 ? Metadata.NO_KEYSPACE : keyspace.id();
    List<GroupRecord> records = routes.groups(routeId);
    for (GroupRecord record : records) {
      switch (groups.replica(record.id())) {
        case Replica.Local here -> {
          return ALONE;
        }
        case Replica.Replicated replica -> {
          GroupStatus status = replica.group().status();
          if (status.role() == GroupStatus.Role.LEADER) {
            return leader(record.id(), status, groups);
          }
        }
        case null -> {}
      }
    }
    return records.isEmpty()
        ? new Follower(NO_ID, null, false, 0, 0, 0)
        : follower(records.getFirst(), client);
  }

  private static Leader leader(long group, GroupStatus status, Groups groups) {
    List<Connected> connected = new ArrayList<>();
    for (Map.Entry<Long, Long> matched : status.matched().entrySet()) {
      Member member = groups.routes().metadata().members().get(matched.getKey());
      if (member == null || matched.getKey() == groups.self()) {
        continue;
      }
      long silentMillis = groups.silentMillis(matched.getKey());
      if (silentMillis >= 0) {
        boolean whole = matched.getValue() >= status.lastIndex();
        connected.add(
            new Connected(
                member.node().address(), matched.getValue(), whole ? 0 : silentMillis / 1000));
      }
    }
    return new Leader(id(group, groups), status.lastIndex(), connected);
  }

  private static Follower follower(GroupRecord record, StrongClient client) {
    Groups groups = client.groups();
    long leader = client.leader(record.id());
    boolean known = leader != 0 && leader != groups.self();
    long silentMillis = known ? groups.silentMillis(leader) : -1;
    long likely = known ? leader : candidate(record, groups.self());
    Member member = groups.routes().metadata().members().get(likely);
    GroupStatus status =
        groups.replica(record.id()) instanceof Replica.Replicated replica
            ? replica.group().status()
            : null;
    return new Follower(
        id(record.id(), groups),
        member == null ? null : member.node().address(),
        silentMillis >= 0,
        Math.max(0, silentMillis) / 1000,
        status == null ? 0 : status.lastIndex(),
        status == null ? 0 : status.appliedIndex());
  }

  /// Who may lead next, this node left out; 0 for nobody.
  private static long candidate(GroupRecord record, long self) {
    if (record.preferredLeader() != self) {
      return record.preferredLeader();
    }
    return record.holders().stream().filter(member -> member != self).findFirst().orElse(0L);
  }

  /// The cluster's id and the group's.
  private static String id(long group, Groups groups) {
    return groups.routes().metadata().clusterId() + "%08x".formatted(group);
  }

  /// What HELLO calls it.
  default String role() {
    return this instanceof Leader ? "master" : "replica";
  }

  /// The port that clients like this one use of another node.
  static int port(Address address, RespSession session) {
    return session.cluster() == null ? address.resp() : address.cluster();
  }
}
