package dev.henge.consensus.metadata;

import dev.henge.base.ring.SlotTable;
import dev.henge.consensus.metadata.Member.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Says what should change next: pure, so that the leader of the metadata asks again and again, and
/// a new leader goes on where the one before stopped.
///
/// - A plan has at most one change for each group, and a group whose change is not confirmed is
///   left alone (but for a newcomer that died, or is to leave: another takes its place).
/// - Nothing is begun where a majority of the voters, now or then, is not alive.
/// - A dead member keeps its replicas until somebody removes or replaces it: it may come back, and
///   moving data at every restart would cost more than it gives.
public final class Planner {
  /// Voters of the metadata group.
  private static final int METADATA_VOTERS = 3;

  /// From this many members on it has as many.
  private static final int METADATA_VOTERS_MANY = 5;

  private final Metadata metadata;
  private final Set<Long> live;
  private final Placement placement;
  private final List<MetadataCommand> plan = new ArrayList<>();

  private Planner(Metadata metadata, Set<Long> live) {
    this.metadata = metadata;
    this.live = live;
    this.placement = new Placement(metadata, live);
  }

  /// What to do now; empty where everything is as it should be, or has to be waited for.
  ///
  /// @param live members heard of lately
  /// @param changesMax how many groups may be under way at one time, metadata's not counted
  public static List<MetadataCommand> plan(Metadata metadata, Set<Long> live, int changesMax) {
    if (!metadata.founded()) {
      return List.of();
    }
    var planner = new Planner(metadata, live);
    planner.members();
    planner.metadataGroup();
    planner.dataGroups(changesMax);
    planner.leaders(changesMax);
    return List.copyOf(planner.plan);
  }

  /// The command that makes a keyspace; empty where too few members are alive to hold it. Takes its
  /// time for an eventual one: its table is computed.
  ///
  /// @param most as [MetadataCommand.DeclareKeyspace#most]
  public static Optional<MetadataCommand> declare(
      Metadata metadata, Set<Long> live, String name, KeyspaceDeclaration declaration, int most) {
    if (declaration.isEventual()) {
      Optional<SlotTable> there =
          metadata
              .keyspace(name)
              .flatMap(keyspace -> metadata.ring(keyspace.id()))
              .map(RingRecord::current);
      return there
          .or(() -> RingPlans.first(metadata, declaration.replication()))
          .map(table -> new MetadataCommand.DeclareEventual(name, declaration, most, table));
    }
    var placement = new Placement(metadata, live);
    int up = (int) metadata.members().values().stream().filter(Planner::isUp).count();
    int want = Math.min(Placement.VOTERS, up);
    var groups = new ArrayList<Replicas>();
    for (int i = 0; i < declaration.groups(); i++) {
      SortedSet<Long> voters = placement.filled(new TreeSet<>(), want);
      if (2 * voters.size() <= want) {
        return Optional.empty();
      }
      groups.add(Replicas.ofVoters(voters));
    }
    // A local keyspace is one engine: several groups are replicated ones even on one member.
    GroupRecord.Form form =
        metadata.members().size() == 1 && declaration.groups() == 1
            ? GroupRecord.Form.LOCAL
            : GroupRecord.Form.REPLICATED;
    return Optional.of(new MetadataCommand.DeclareKeyspace(name, declaration, most, form, groups));
  }

  private void members() {
    GroupRecord group = metadata.metadataGroup();
    for (Member member : metadata.members().values()) {
      long number = member.number();
      if (member.state() == State.JOINING
          && live.contains(number)
          && group.confirmed().contains(number)) {
        plan.add(new MetadataCommand.MemberUp(number));
      }
      if (isDrained(member) && !group.holders().contains(number)) {
        plan.add(new MetadataCommand.RemoveMember(number));
      }
    }
  }

  private void metadataGroup() {
    GroupRecord group = metadata.metadataGroup();
    if (!canChange(group)) {
      return;
    }
    if (!group.settled()) {
      // Nobody could join any more while it waits for one that will never vote.
      if (lostNewcomer(group)) {
        SortedSet<Long> stay = group.confirmed().voters();
        aim(group, new Replicas(stay, learners(stay)));
      }
      return;
    }
    List<Long> eligible = placement.eligible();
    int want =
        eligible.size() >= METADATA_VOTERS_MANY
            ? METADATA_VOTERS_MANY
            : Math.min(METADATA_VOTERS, eligible.size());
    // Its voters are no load worth counting: a scratch placement keeps them out of the sums.
    var scratch = new Placement(metadata, live);
    SortedSet<Long> voters = group.target().voters();
    SortedSet<Long> next = want == 0 ? voters : scratch.apart(scratch.filled(voters, want));
    // Whoever is to vote follows already.
    for (long voter : next) {
      if (!group.confirmed().contains(voter)) {
        next = voters;
        break;
      }
    }
    aim(group, new Replicas(next, learners(next)));
  }

  /// Every member that is no voter of the metadata follows it, until it has been drained.
  private SortedSet<Long> learners(SortedSet<Long> voters) {
    var learners = new TreeSet<Long>();
    for (Member member : metadata.members().values()) {
      if (!voters.contains(member.number()) && !isDrained(member)) {
        learners.add(member.number());
      }
    }
    return learners;
  }

  private void dataGroups(int changesMax) {
    int free = changesMax;
    var movable = new TreeMap<Long, GroupRecord>();
    for (GroupRecord group : metadata.dataGroups()) {
      if (!group.settled()) {
        free--;
      } else if (group.form() == GroupRecord.Form.REPLICATED && canChange(group)) {
        movable.put(group.id(), group);
      }
    }
    free -= replicate(free);
    for (GroupRecord group : metadata.dataGroups()) {
      if (!group.settled() && lostNewcomer(group)) {
        aim(group, Replicas.ofVoters(refilled(group)));
      }
    }
    int want = Math.min(Placement.VOTERS, placement.eligible().size());
    var moved = new TreeSet<Long>();
    for (GroupRecord group : List.copyOf(movable.values())) {
      if (free > moved.size() && want > 0) {
        SortedSet<Long> voters = group.target().voters();
        SortedSet<Long> next = placement.apart(placement.filled(voters, want));
        if (!next.equals(voters) && aim(group, Replicas.ofVoters(next))) {
          moved.add(group.id());
          movable.remove(group.id());
        }
      }
    }
    for (int steps = free - moved.size(); steps > 0; steps--) {
      Optional<Placement.Move> move = placement.balance(List.copyOf(movable.values()));
      if (move.isEmpty()) {
        break;
      }
      GroupRecord group = move.get().group();
      placement.move(move.get());
      movable.remove(group.id());
      aim(
          group,
          Replicas.ofVoters(
              Placement.exchanged(group.target().voters(), move.get().from(), move.get().to())));
    }
  }

  /// Local groups become replicated as soon as there is somebody to replicate to.
  private int replicate(int free) {
    long up = metadata.members().values().stream().filter(Planner::isUp).count();
    int begun = 0;
    if (up > 1) {
      for (GroupRecord group : metadata.dataGroups()) {
        if (begun < free
            && group.form() == GroupRecord.Form.LOCAL
            && live.contains(group.owner())) {
          plan.add(new MetadataCommand.ReplicateGroup(group.id()));
          begun++;
        }
      }
    }
    return begun;
  }

  private void leaders(int changesMax) {
    Map<Long, Integer> led = new HashMap<>();
    var settled = new ArrayList<GroupRecord>();
    for (GroupRecord group : metadata.dataGroups()) {
      if (group.form() == GroupRecord.Form.REPLICATED) {
        led.merge(group.preferredLeader(), 1, Integer::sum);
        if (group.settled() && !isPlanned(group.id())) {
          settled.add(group);
        }
      }
    }
    for (int steps = changesMax; steps > 0; steps--) {
      MetadataCommand.PreferLeader best = null;
      long from = 0;
      double gained = 0;
      for (GroupRecord group : settled) {
        long leader = group.preferredLeader();
        boolean able = canLead(leader);
        for (long voter : group.target().voters()) {
          if (voter != leader && canLead(voter)) {
            double gain =
                Placement.gain(
                    led.getOrDefault(leader, 0),
                    capacity(leader),
                    led.getOrDefault(voter, 0),
                    capacity(voter));
            // One that cannot lead is worth any exchange; among those the best.
            double worth = able ? gain : Double.MAX_VALUE / (2 + led.getOrDefault(voter, 0));
            if (worth > gained) {
              gained = worth;
              from = leader;
              best = new MetadataCommand.PreferLeader(group.id(), voter);
            }
          }
        }
      }
      if (best == null) {
        return;
      }
      long group = best.group();
      led.merge(from, -1, Integer::sum);
      led.merge(best.member(), 1, Integer::sum);
      settled.removeIf(other -> other.id() == group);
      plan.add(best);
    }
  }

  /// The voters of an unconfirmed target without newcomers that are lost.
  private SortedSet<Long> refilled(GroupRecord group) {
    var voters = new TreeSet<>(group.target().voters());
    voters.removeIf(voter -> isLostNewcomer(group, voter));
    SortedSet<Long> base = voters.isEmpty() ? group.confirmed().voters() : voters;
    return placement.filled(
        base, Math.min(Placement.VOTERS, Math.max(1, placement.eligible().size())));
  }

  private boolean lostNewcomer(GroupRecord group) {
    return group.change() != group.foundedChange()
        && isMajorityLive(group.confirmed().voters())
        && group.target().voters().stream().anyMatch(voter -> isLostNewcomer(group, voter));
  }

  /// Whether a voter that a group waits for will never be one: it is dead, or is to leave.
  private boolean isLostNewcomer(GroupRecord group, long voter) {
    return !group.confirmed().voters().contains(voter)
        && (!live.contains(voter) || !placement.isEligible(voter));
  }

  private boolean aim(GroupRecord group, Replicas target) {
    if (target.equals(group.target()) || !isMajorityLive(target.voters())) {
      return false;
    }
    plan.add(new MetadataCommand.SetTarget(group.id(), group.change(), target));
    return true;
  }

  private boolean isPlanned(long group) {
    return plan.stream()
        .anyMatch(
            command -> command instanceof MetadataCommand.SetTarget set && set.group() == group);
  }

  private boolean canChange(GroupRecord group) {
    return isMajorityLive(group.confirmed().voters());
  }

  private boolean isMajorityLive(SortedSet<Long> voters) {
    return 2 * voters.stream().filter(live::contains).count() > voters.size();
  }

  private boolean canLead(long member) {
    return placement.isCandidate(member);
  }

  /// Whether a leaving member holds no data any more.
  private boolean isDrained(Member member) {
    return member.state() == State.LEAVING
        && !placement.isEligible(member.number())
        && metadata.dataGroups().stream()
            .noneMatch(group -> group.holders().contains(member.number()))
        && metadata.rings().values().stream()
            .noneMatch(ring -> ring.holders().contains(member.number()));
  }

  private double capacity(long member) {
    return metadata.member(member).map(found -> found.node().capacity()).orElse(1);
  }

  private static boolean isUp(Member member) {
    return member.state() == State.UP;
  }
}
