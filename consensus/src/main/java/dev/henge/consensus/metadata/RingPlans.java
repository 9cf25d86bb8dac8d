package dev.henge.consensus.metadata;

import dev.henge.base.ring.Copies;
import dev.henge.base.ring.RingPlanner;
import dev.henge.base.ring.RingServer;
import dev.henge.base.ring.SlotTable;
import dev.henge.consensus.metadata.Member.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// Says what should become of the rings of eventual keyspaces: what they decide follows from the
/// metadata and from who lives, as with [Planner]; only tables that were computed are remembered.
///
/// - A ring has its copies on the members that are up, as [RingPlanner] spreads them. Whoever comes
///   or goes changes every ring, as little as can be.
/// - A ring has one change under way at a time. It is replaced where a joining owner died or is to
///   leave; else it goes on until its joining owners are ready, whoever comes meanwhile.
/// - A dead member keeps its slots until it is told to leave: it may come back. One that is not
///   heard of for long and was told to leave is not waited for when it owns nothing any more.
/// - Cost: a table is computed when the members that count, or the table in force, are others than
///   before: milliseconds to a fraction of a second.
/// - Threads: one at a time.
public final class RingPlans {
  /// What [RingPlanner] made of what.
  ///
  /// @param to the same object as `from` where nothing is to change
  private record Computed(List<RingServer> servers, Copies copies, SlotTable from, SlotTable to) {
    boolean is(List<RingServer> otherServers, Copies otherCopies, SlotTable otherFrom) {
      return copies.equals(otherCopies) && from == otherFrom && servers.equals(otherServers);
    }
  }

  /// By keyspace.
  private final Map<Integer, Computed> computed = new HashMap<>();

  /// What to do now; empty where every ring is as it should be, or has to be waited for.
  ///
  /// @param live members heard of lately
  /// @param lost members not heard of for so long that they are not waited for
  /// @param changesMax how many rings may be under way at one time
  public List<MetadataCommand> plan(
      Metadata metadata, Set<Long> live, Set<Long> lost, int changesMax) {
    computed.keySet().retainAll(metadata.rings().keySet());
    var plan = new ArrayList<MetadataCommand>();
    long free =
        changesMax - metadata.rings().values().stream().filter(ring -> !ring.settled()).count();
    for (RingRecord ring : metadata.rings().values()) {
      release(metadata, ring, lost, plan);
      if (ring.proved()) {
        plan.add(new MetadataCommand.ConfirmRing(ring.keyspace(), ring.change()));
      } else if (ring.settled() ? free > 0 : waitsInVain(metadata, ring, live)) {
        SlotTable aim = ring.next() == null ? ring.current() : ring.next();
        SlotTable fit = fit(metadata, ring, live);
        if (!fit.equals(aim)) {
          plan.add(new MetadataCommand.SetRing(ring.keyspace(), ring.change(), fit));
          free--;
        }
      }
    }
    return plan;
  }

  /// The table that an eventual keyspace begins with; empty where no member is up that can have a
  /// copy.
  public static Optional<SlotTable> first(Metadata metadata, Replication replication) {
    List<RingServer> servers =
        metadata.members().values().stream()
            .filter(member -> canOwn(member, replication))
            .map(RingPlans::server)
            .toList();
    return servers.isEmpty()
        ? Optional.empty()
        : Optional.of(RingPlanner.plan(servers, replication.wanted()));
  }

  private static void release(
      Metadata metadata, RingRecord ring, Set<Long> lost, List<MetadataCommand> plan) {
    for (long number : ring.releasing().keySet()) {
      Member member = metadata.members().get(number);
      if (lost.contains(number) && member != null && member.state() == State.LEAVING) {
        plan.add(new MetadataCommand.RingReleased(ring.keyspace(), ring.change(), number));
      }
    }
  }

  /// Whether a joining owner will not become one: it is dead, or is to leave.
  private static boolean waitsInVain(Metadata metadata, RingRecord ring, Set<Long> live) {
    for (long number : ring.joining()) {
      Member member = metadata.members().get(number);
      if (!live.contains(number) || member == null || member.state() != State.UP) {
        return true;
      }
    }
    return false;
  }

  /// The table that fits the members, with the least movement from the one in force.
  private SlotTable fit(Metadata metadata, RingRecord ring, Set<Long> live) {
    DeclaredKeyspace keyspace = metadata.keyspaces().get(ring.keyspace());
    if (keyspace == null) {
      return ring.current();
    }
    Replication replication = keyspace.declaration().replication();
    SortedSet<Long> owners = ring.current().members();
    var servers = new ArrayList<RingServer>();
    for (Member member : metadata.members().values()) {
      // A newcomer has to be there to be given something; an owner may come back.
      if (canOwn(member, replication)
          && (live.contains(member.number()) || owners.contains(member.number()))) {
        servers.add(server(member));
      }
    }
    return servers.isEmpty()
        ? ring.current()
        : table(ring.keyspace(), servers, replication.wanted(), ring.current());
  }

  private SlotTable table(int keyspace, List<RingServer> servers, Copies copies, SlotTable from) {
    Computed known = computed.get(keyspace);
    if (known == null || !known.is(servers, copies, from)) {
      known = same(servers, copies, from);
      if (known == null) {
        SlotTable to = RingPlanner.plan(servers, copies, from);
        known = new Computed(List.copyOf(servers), copies, from, to.equals(from) ? from : to);
      }
      computed.put(keyspace, known);
    }
    return known.to();
  }

  /// What was computed for another keyspace of the same table.
  private @Nullable Computed same(List<RingServer> servers, Copies copies, SlotTable from) {
    for (Computed other : computed.values()) {
      if (other.copies().equals(copies)
          && other.servers().equals(servers)
          && other.from().equals(from)) {
        SlotTable to = other.to() == other.from() ? from : other.to();
        return new Computed(other.servers(), copies, from, to);
      }
    }
    return null;
  }

  private static boolean canOwn(Member member, Replication replication) {
    return member.state() == State.UP
        && (replication.perDataCentre().isEmpty()
            || replication.perDataCentre().containsKey(member.node().location().dataCentre()));
  }

  private static RingServer server(Member member) {
    return new RingServer(
        member.number(),
        member.node().capacity(),
        member.node().location().dataCentre(),
        member.node().location().rack());
  }
}
