package dev.henge.server.resp;

import dev.henge.base.Slots;
import dev.henge.consensus.metadata.Address;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.Routes;
import dev.henge.server.cluster.Groups;
import dev.henge.server.cluster.StrongClient;
import dev.henge.server.store.Keyspace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The cluster as the Redis Cluster protocol sees it: which node is the master of which slots (the
/// leader of their group), and who else holds them.
///
/// - Threads: any.
final class ClusterView {
  /// Redis's node ids have 40 hexadecimal digits, ours 32.
  private static final String ID_END = "00000000";

  /// Slots of one group.
  ///
  /// @param slotTo the last one, inclusive as Redis writes it
  /// @param leader null while nobody is known to lead
  /// @param others who hold the group besides
  record Range(int slotFrom, int slotTo, @Nullable Member leader, List<Member> others) {}

  private final StrongClient client;

  ClusterView(StrongClient client) {
    this.client = client;
  }

  static String id(Member member) {
    return member.node().id() + ID_END;
  }

  Member self() {
    Member self = metadata().members().get(client.groups().self());
    if (self == null) {
      throw new IllegalStateException("this node is no member any more");
    }
    return self;
  }

  Metadata metadata() {
    return client.groups().routes().metadata();
  }

  /// Whether this node cannot reach `member`.
  boolean isLost(Member member) {
    return client.groups().isLost(member.number());
  }

  /// Every member that serves this protocol.
  List<Member> members() {
    return metadata().members().values().stream()
        .filter(member -> member.node().address().cluster() != 0)
        .toList();
  }

  /// Who holds the slots of `keyspace`. Any node takes any key of an eventual one: its clients are
  /// spread evenly.
  List<Range> ranges(Keyspace keyspace) {
    if (keyspace.isEventual()) {
      return evenly();
    }
    Routes routes = client.groups().routes();
    List<Range> ranges = new ArrayList<>();
    for (GroupRecord group : routes.groups(routeId(keyspace))) {
      Member leader = routes.metadata().members().get(client.leader(group.id()));
      List<Member> others = new ArrayList<>();
      for (long number : group.target().members()) {
        Member member = routes.metadata().members().get(number);
        if (member != null && !member.equals(leader)) {
          others.add(member);
        }
      }
      ranges.add(new Range(group.slotFrom(), group.slotTo() - 1, leader, others));
    }
    return ranges;
  }

  private List<Range> evenly() {
    List<Member> members = members();
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      Member one = members.get(i);
      int from = Slots.COUNT * i / members.size();
      int to = Slots.COUNT * (i + 1) / members.size() - 1;
      List<Member> others = members.stream().filter(member -> !member.equals(one)).toList();
      ranges.add(new Range(from, to, one, others));
    }
    return ranges;
  }

  /// The error that sends a client elsewhere; null when the slot is served here.
  ///
  /// @param readsHere whether a replica of this node is good enough
  @Nullable String redirection(Keyspace keyspace, int slot, boolean readsHere) {
    Groups groups = client.groups();
    GroupRecord group = groups.routes().group(routeId(keyspace), slot);
    if (group == null) {
      return "CLUSTERDOWN Hash slot not served";
    }
    if (readsHere && groups.replica(group.id()) != null) {
      return null;
    }
    long leader = client.leader(group.id());
    if (leader == groups.self()) {
      return null;
    }
    Member member = groups.routes().metadata().members().get(leader);
    // Nobody leads for a moment: this node waits for a leader, which is shorter than a client
    // would.
    if (member == null || member.node().address().cluster() == 0) {
      return null;
    }
    Address address = member.node().address();
    return "MOVED " + slot + " " + address.host() + ":" + address.cluster();
  }

  /// Whether every slot has a leader.
  boolean whole(Keyspace keyspace) {
    List<Range> ranges = ranges(keyspace);
    int covered =
        ranges.stream()
            .filter(range -> range.leader() != null)
            .mapToInt(range -> range.slotTo() - range.slotFrom() + 1)
            .sum();
    return covered == Slots.COUNT;
  }

  private static int routeId(Keyspace keyspace) {
    return keyspace.database() >= 0 ? Metadata.NO_KEYSPACE : keyspace.id();
  }
}
