package dev.henge.consensus.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The planner against random clusters whose members come, go, die and return, driven through the
/// metadata's own rules: every plan must be taken without a refusal.
final class PlannerTest {
  private static final int CHANGES = 3;

  /// A cluster under plan.
  private static final class Cluster {
    private final SplittableRandom random;
    private final Set<Long> dead = new HashSet<>();

    /// Alive, and never catching up.
    private final Set<Long> lagging = new HashSet<>();

    private Metadata metadata = Metadata.EMPTY;
    private int nodes;
    private int keyspaces;

    Cluster(long seed) {
      random = new SplittableRandom(seed);
      apply(new MetadataCommand.FoundCluster("c".repeat(32), node(), List.of(), 1024));
    }

    NodeDescription node() {
      int n = nodes++;
      return new NodeDescription(
          String.format("%032x", n + 1),
          new Address("host" + n, 1, 2, 3, 4),
          new Location("dc" + random.nextInt(3), "r" + random.nextInt(3)),
          1 + random.nextInt(3),
          1);
    }

    MetadataOutcome apply(MetadataCommand command) {
      MetadataRules.Transition transition = MetadataRules.apply(metadata, command);
      if (transition.outcome() instanceof MetadataOutcome.Changed changed) {
        assertEquals(metadata.epoch() + 1, changed.epoch());
      } else {
        assertEquals(metadata, transition.metadata());
      }
      metadata = transition.metadata();
      return transition.outcome();
    }

    Set<Long> live() {
      var live = new HashSet<>(metadata.members().keySet());
      live.removeAll(dead);
      return live;
    }

    void join() {
      apply(new MetadataCommand.AdmitMember(node()));
    }

    void declare(int groups) {
      Planner.declare(
              metadata,
              live(),
              "k" + keyspaces++,
              KeyspaceDeclaration.DEFAULT.withGroups(groups),
              100)
          .ifPresent(this::apply);
    }

    /// One round: the plan, taken as a whole, and judged.
    int plan() {
      List<MetadataCommand> plan = Planner.plan(metadata, live(), CHANGES);
      var touched = new HashSet<Long>();
      for (MetadataCommand command : plan) {
        if (command instanceof MetadataCommand.SetTarget target) {
          assertTrue(touched.add(target.group()), "two changes of one group: " + plan);
          judge(target);
        }
        MetadataOutcome outcome = apply(command);
        assertTrue(outcome instanceof MetadataOutcome.Changed, command + ": " + outcome);
      }
      long under = metadata.dataGroups().stream().filter(group -> !group.settled()).count();
      assertTrue(under <= CHANGES, under + " groups under way");
      return plan.size();
    }

    /// A change is begun only where a majority lives before it and behind it.
    private void judge(MetadataCommand.SetTarget target) {
      GroupRecord group = metadata.group(target.group()).orElseThrow();
      Set<Long> live = live();
      assertTrue(majority(group.confirmed().voters(), live), "no majority now: " + group);
      assertTrue(majority(target.target().voters(), live), "no majority then: " + target);
    }

    private static boolean majority(SortedSet<Long> voters, Set<Long> live) {
      return 2 * voters.stream().filter(live::contains).count() > voters.size();
    }

    /// Groups whose voters live reach their targets, each by chance now or later.
    void confirm(boolean all) {
      for (GroupRecord group : List.copyOf(metadata.groups().values())) {
        boolean able =
            majority(group.confirmed().voters(), live())
                && live()
                    .containsAll(
                        group.target().voters().stream()
                            .filter(voter -> !group.confirmed().voters().contains(voter))
                            .toList());
        able &= group.target().voters().stream().noneMatch(lagging::contains);
        if (!group.settled() && able && (all || random.nextBoolean())) {
          apply(new MetadataCommand.ConfirmTarget(group.id(), group.change()));
        }
      }
    }

    /// Plans and confirms until there is nothing to do.
    void settle() {
      int most = 40 + 12 * metadata.groups().size() + 12 * metadata.members().size();
      for (int rounds = 0; ; rounds++) {
        assertTrue(rounds < most, "no end after " + rounds + " rounds: " + metadata);
        confirm(true);
        if (plan() == 0 && metadata.groups().values().stream().allMatch(GroupRecord::settled)) {
          return;
        }
      }
    }

    void chance() {
      var numbers = new ArrayList<>(metadata.members().keySet());
      long some = numbers.get(random.nextInt(numbers.size()));
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> {
          if (numbers.size() < 9) {
            join();
          }
        }
        case 3 -> declare(1 + random.nextInt(6));
        case 4 -> apply(new MetadataCommand.LeaveMember(some, 0));
        case 5 ->
            apply(
                new MetadataCommand.LeaveMember(some, numbers.get(random.nextInt(numbers.size()))));
        case 6 -> apply(new MetadataCommand.StayMember(some));
        case 7 -> dead.add(some);
        case 8, 9 -> dead.remove(some);
        default -> confirm(false);
      }
    }

    /// What must hold when everybody lives and nothing is left to do.
    void check() {
      List<Member> members = List.copyOf(metadata.members().values());
      assertTrue(
          members.stream().allMatch(member -> member.state() == Member.State.UP),
          "not all up: " + members);
      assertEquals(
          members.size() >= 5 ? 5 : Math.min(3, members.size()),
          metadata.metadataGroup().confirmed().voters().size());
      assertEquals(metadata.members().keySet(), metadata.metadataGroup().confirmed().members());
      for (GroupRecord group : metadata.dataGroups()) {
        assertEquals(
            members.size() == 1 ? GroupRecord.Form.LOCAL : GroupRecord.Form.REPLICATED,
            members.size() == 1 ? GroupRecord.Form.LOCAL : group.form());
        assertEquals(Math.min(3, members.size()), group.confirmed().voters().size());
        assertEquals(group.confirmed().members(), group.holders());
        assertApart(group);
      }
      assertSpread(members);
    }

    private void assertApart(GroupRecord group) {
      Set<Location> all = new HashSet<>();
      Set<Location> used = new HashSet<>();
      metadata.members().values().forEach(member -> all.add(member.node().location()));
      group
          .confirmed()
          .voters()
          .forEach(voter -> used.add(metadata.member(voter).orElseThrow().node().location()));
      assertEquals(
          Math.min(all.size(), group.confirmed().voters().size()), used.size(), group.toString());
      Set<String> centres = new HashSet<>();
      Set<String> usedCentres = new HashSet<>();
      all.forEach(location -> centres.add(location.dataCentre()));
      used.forEach(location -> usedCentres.add(location.dataCentre()));
      assertEquals(Math.min(centres.size(), group.confirmed().voters().size()), usedCentres.size());
    }

    /// Leaders are spread as evenly as single exchanges can.
    private void assertSpread(List<Member> members) {
      var led = new HashMap<Long, Integer>();
      metadata.dataGroups().forEach(group -> led.merge(group.preferredLeader(), 1, Integer::sum));
      for (GroupRecord group : metadata.dataGroups()) {
        for (long voter : group.confirmed().voters()) {
          double gain =
              Placement.gain(
                  led.getOrDefault(group.preferredLeader(), 0),
                  capacity(group.preferredLeader()),
                  led.getOrDefault(voter, 0),
                  capacity(voter));
          assertTrue(
              voter == group.preferredLeader() || gain == 0, "leaders of " + members + ": " + led);
        }
      }
    }

    private double capacity(long member) {
      return metadata.member(member).orElseThrow().node().capacity();
    }
  }

  @Test
  void everyHistoryEndsWhereItShould() {
    for (long seed : Seeds.of("PlannerTest.everyHistory", Seeds.count("planner.runs", 100))) {
      try {
        var cluster = new Cluster(seed);
        for (int i = 0; i < 60; i++) {
          cluster.chance();
          if (cluster.random.nextBoolean()) {
            cluster.plan();
          }
        }
        cluster.dead.clear();
        cluster.settle();
        cluster.check();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("replay with -Dseed=" + seed, e);
      }
    }
  }

  @Test
  void nothingMovesWhereNothingChanged() {
    for (long seed : Seeds.of("PlannerTest.nothingMoves", 50)) {
      var cluster = settled(seed, 5, 12);
      Metadata before = cluster.metadata;
      for (int i = 0; i < 5; i++) {
        assertEquals(0, cluster.plan());
      }
      assertEquals(before, cluster.metadata);
    }
  }

  @Test
  void aDeadMemberKeepsWhatItHas() {
    for (long seed : Seeds.of("PlannerTest.aDeadMember", 50)) {
      var cluster = settled(seed, 4, 8);
      var targets = targets(cluster.metadata);
      cluster.dead.add(2L);
      cluster.settle();
      assertEquals(targets, targets(cluster.metadata));
      assertTrue(
          cluster.metadata.dataGroups().stream().noneMatch(group -> group.preferredLeader() == 2L));
    }
  }

  @Test
  void theMetadataDoesNotWaitForAVoterThatDiedBeforeItWasOne() {
    for (long seed : Seeds.of("PlannerTest.aDeadVoter", 50)) {
      var cluster = settled(seed, 4, 2);
      cluster.join();
      while (cluster.metadata.metadataGroup().target().voters().size() < 5) {
        cluster.confirm(true);
        cluster.plan();
      }
      cluster.dead.add(5L);
      cluster.apply(new MetadataCommand.LeaveMember(5, 0));
      cluster.settle();
      assertFalse(cluster.metadata.members().containsKey(5L));
      cluster.check();
    }
  }

  @Test
  void aRemovedMemberIsDrainedThenBarred() {
    for (long seed : Seeds.of("PlannerTest.aRemovedMember", 50)) {
      var cluster = settled(seed, 4, 8);
      String node = cluster.metadata.member(3).orElseThrow().node().id();
      cluster.apply(new MetadataCommand.LeaveMember(3, 0));
      cluster.settle();
      assertFalse(cluster.metadata.members().containsKey(3L));
      assertTrue(cluster.metadata.barred().contains(node));
      cluster.check();
    }
  }

  @Test
  void aMemberThatNeverCatchesUpCanBeRemoved() {
    for (long seed : Seeds.of("PlannerTest.neverCatchesUp", 50)) {
      var cluster = settled(seed, 3, 6);
      cluster.join();
      cluster.lagging.add(4L);
      for (int i = 0; i < 10; i++) {
        cluster.confirm(true);
        cluster.plan();
      }
      cluster.apply(new MetadataCommand.LeaveMember(4, 0));
      cluster.settle();
      assertFalse(cluster.metadata.members().containsKey(4L));
      cluster.check();
    }
  }

  @Test
  void aSuccessorGetsTheReplicasInOneChangeEach() {
    for (long seed : Seeds.of("PlannerTest.aSuccessor", 50)) {
      var cluster = settled(seed, 3, 6);
      var changes = new HashMap<Long, Long>();
      cluster.metadata.dataGroups().forEach(group -> changes.put(group.id(), group.change()));
      cluster.join();
      cluster.apply(new MetadataCommand.LeaveMember(2, 4));
      cluster.settle();
      assertEquals(new TreeSet<>(List.of(1L, 3L, 4L)), cluster.metadata.members().keySet());
      for (GroupRecord group : cluster.metadata.dataGroups()) {
        assertEquals(changes.getOrDefault(group.id(), 0L) + 1, group.change());
      }
    }
  }

  @Test
  void aNewMemberGetsItsShareAndNoMoreMoves() {
    for (long seed : Seeds.of("PlannerTest.aNewMember", 50)) {
      var cluster = new Cluster(seed);
      // Alike in every respect: what moves, moves for the load.
      cluster.metadata = Metadata.EMPTY;
      for (int i = 0; i < 4; i++) {
        var node =
            new NodeDescription(
                String.format("%032x", 100 + i),
                new Address("h", 1, 2, 3, 4),
                new Location("dc", "r"),
                1,
                1);
        cluster.apply(
            i == 0
                ? new MetadataCommand.FoundCluster("c".repeat(32), node, List.of(), 1024)
                : new MetadataCommand.AdmitMember(node));
        if (i == 2) {
          cluster.settle();
          cluster.declare(11);
          cluster.settle();
        }
      }
      var before = targets(cluster.metadata);
      cluster.settle();
      var after = targets(cluster.metadata);
      int moved = 0;
      for (int i = 0; i < before.size(); i++) {
        var gone = new TreeSet<>(before.get(i));
        gone.removeAll(after.get(i));
        moved += gone.size();
      }
      // 12 groups of 3 replicas over 4 members: 9 each.
      assertEquals(9, moved);
      cluster.check();
    }
  }

  private static List<SortedSet<Long>> targets(Metadata metadata) {
    return metadata.dataGroups().stream().map(group -> group.target().voters()).toList();
  }

  private static Cluster settled(long seed, int members, int groups) {
    var cluster = new Cluster(seed);
    for (int i = 1; i < members; i++) {
      cluster.join();
    }
    cluster.settle();
    cluster.declare(groups);
    cluster.settle();
    cluster.check();
    return cluster;
  }
}
