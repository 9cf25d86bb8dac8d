package dev.henge.consensus.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Slots;
import dev.henge.base.ring.Copies;
import dev.henge.base.ring.RingBalance;
import dev.henge.base.ring.RingChange;
import dev.henge.base.ring.RingServer;
import dev.henge.base.ring.SlotTable;
import dev.henge.base.simulated.Seeds;
import dev.henge.consensus.metadata.Member.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Rings follow the members: whatever joins, leaves, dies and comes back, they end up even, with
/// little moved, and nobody is forgotten.
final class RingPlansTest {
  private static final int CHANGES = 2;

  /// What is moved may be so much of the ideal, and two slots more for whole numbers.
  private static final double MOVED_MAX = 1.1;

  /// Members, and rings that are carried out by chance.
  private static final class World {
    final SplittableRandom random;
    final Set<Long> dead = new HashSet<>();
    final boolean racks;
    RingPlans plans = new RingPlans();
    Metadata metadata = Metadata.EMPTY;

    /// What each ring was planned from.
    final Map<Integer, Moved> moves = new HashMap<>();

    private record Moved(List<RingServer> before, List<RingServer> after) {}

    World(long seed) {
      random = new SplittableRandom(seed);
      racks = random.nextBoolean();
      apply(new MetadataCommand.FoundCluster("c".repeat(32), node("eu"), List.of(), 1024));
      for (int i = random.nextInt(5); i > 0; i--) {
        join();
      }
    }

    long join() {
      long number = metadata.nextMember();
      apply(new MetadataCommand.AdmitMember(node(random.nextInt(4) == 0 ? "us" : "eu")));
      apply(new MetadataCommand.MemberUp(number));
      return number;
    }

    NodeDescription node(String dataCentre) {
      int n = (int) metadata.nextMember();
      return new NodeDescription(
          String.format("%032x", n),
          new Address("127.0.0.1", n, n, n, n),
          new Location(dataCentre, racks ? "r" + n % 3 : "r"),
          1 + random.nextInt(3),
          n);
    }

    void declare(Replication replication) {
      String name = "k" + metadata.nextKeyspace();
      var declaration = KeyspaceDeclaration.EVENTUAL.eventual(replication);
      Planner.declare(metadata, live(), name, declaration, 100).ifPresent(this::apply);
    }

    MetadataOutcome apply(MetadataCommand command) {
      MetadataRules.Transition transition = MetadataRules.apply(metadata, command);
      metadata = transition.metadata();
      return transition.outcome();
    }

    Set<Long> live() {
      var live = new HashSet<>(metadata.members().keySet());
      live.removeAll(dead);
      return live;
    }

    /// One round of the steward.
    int plan() {
      if (random.nextInt(5) == 0) {
        // another member leads the metadata
        plans = new RingPlans();
      }
      List<MetadataCommand> plan = plans.plan(metadata, live(), dead, CHANGES);
      assertEquals(plan, plans.plan(metadata, live(), dead, CHANGES), "it follows from the state");
      var touched = new HashSet<Integer>();
      for (MetadataCommand command : plan) {
        if (command instanceof MetadataCommand.SetRing set) {
          assertTrue(touched.add(set.keyspace()), "two changes of one ring");
          judge(set);
        }
        assertInstanceOf(MetadataOutcome.Changed.class, apply(command), command.toString());
      }
      long under = metadata.rings().values().stream().filter(ring -> !ring.settled()).count();
      assertTrue(under <= CHANGES, under + " rings under way");
      return plan.size();
    }

    private void judge(MetadataCommand.SetRing set) {
      RingRecord ring = Objects.requireNonNull(metadata.rings().get(set.keyspace()));
      Replication replication = replication(ring);
      for (long joining : set.next().members()) {
        Member member = metadata.members().get(joining);
        assertTrue(member != null && member.state() == State.UP, "given to " + joining);
        assertTrue(
            ring.current().members().contains(joining) || !dead.contains(joining),
            "given to a dead newcomer");
      }
      if (ring.settled()) {
        List<RingServer> after = servers(replication, set.next().members());
        // Whoever had slots and cannot have any counts with what it had.
        List<RingServer> before = servers(Replication.of(1), ring.current().members());
        Copies copies = replication.wanted();
        RingChange change = RingChange.of(before, ring.current(), after, copies);
        assertEquals(set.next(), change.table());
        if (!racks && replication.perDataCentre().isEmpty() && oneCentre()) {
          double most =
              RingBalance.of(after, copies, set.next()).loads().stream()
                  .mapToDouble(RingBalance.Load::share)
                  .max()
                  .orElse(0);
          if (most < Slots.COUNT / 2.0) {
            assertTrue(
                change.moved() <= MOVED_MAX * change.ideal() + 2,
                change.moved() + " moved, the ideal is " + change.ideal());
          }
        }
      }
    }

    private boolean oneCentre() {
      return metadata.members().values().stream()
              .map(member -> member.node().location().dataCentre())
              .distinct()
              .count()
          == 1;
    }

    Replication replication(RingRecord ring) {
      return Objects.requireNonNull(metadata.keyspaces().get(ring.keyspace()))
          .declaration()
          .replication();
    }

    List<RingServer> servers(Replication replication, Set<Long> numbers) {
      var servers = new ArrayList<RingServer>();
      for (long number : numbers) {
        Member member = metadata.members().get(number);
        Location location = Objects.requireNonNull(member).node().location();
        if (replication.perDataCentre().isEmpty()
            || replication.perDataCentre().containsKey(location.dataCentre())) {
          servers.add(
              new RingServer(
                  number, member.node().capacity(), location.dataCentre(), location.rack()));
        }
      }
      return servers;
    }

    /// Joining owners prove their ranges and old ones hand over, each by chance now or later.
    void act() {
      for (RingRecord ring : metadata.rings().values()) {
        for (long member : ring.joining()) {
          if (!dead.contains(member) && random.nextInt(2) == 0) {
            apply(new MetadataCommand.RingReady(ring.keyspace(), ring.change(), member));
          }
        }
        for (long member : ring.releasing().keySet()) {
          if (!dead.contains(member) && random.nextInt(2) == 0) {
            apply(new MetadataCommand.RingReleased(ring.keyspace(), ring.change(), member));
          }
        }
      }
    }

    void settle() {
      for (int round = 0; round < 200; round++) {
        int steps = plan();
        act();
        if (steps == 0 && metadata.rings().values().stream().allMatch(this::isQuiet)) {
          return;
        }
      }
      var open = new StringBuilder();
      for (RingRecord ring : metadata.rings().values()) {
        open.append(ring.keyspace()).append(": change ").append(ring.change());
        open.append(" to ").append(ring.joining()).append(", ready ").append(ring.ready());
        open.append(", releasing ").append(ring.releasing()).append("; ");
      }
      throw new AssertionError("the rings do not come to rest: " + open + "dead " + dead);
    }

    /// Whether nothing is waited for but dead owners that may come back.
    private boolean isQuiet(RingRecord ring) {
      var open = new HashSet<>(ring.joining());
      open.removeAll(ring.ready());
      open.addAll(ring.releasing().keySet());
      return (ring.settled() || !open.isEmpty()) && dead.containsAll(open);
    }

    /// Every ring that is settled has its copies where they should be.
    void check() {
      for (RingRecord ring : metadata.rings().values()) {
        Replication replication = replication(ring);
        var up = new TreeSet<Long>();
        metadata.members().values().stream()
            .filter(member -> member.state() == State.UP)
            // A dead newcomer is given nothing.
            .filter(member ->
                !dead.contains(member.number())
                    || ring.current().members().contains(member.number()))
            .forEach(member -> up.add(member.number()));
        List<RingServer> servers = servers(replication, up);
        if (servers.isEmpty() || !ring.settled()) {
          continue;
        }
        int copies = 0;
        if (replication.perDataCentre().isEmpty()) {
          copies = Math.min(replication.copies(), servers.size());
        } else {
          for (Map.Entry<String, Integer> centre : replication.perDataCentre().entrySet()) {
            long there =
                servers.stream()
                    .filter(server -> server.dataCentre().equals(centre.getKey()))
                    .count();
            copies += (int) Math.min(centre.getValue(), there);
          }
        }
        assertEquals(copies, ring.copies());
        RingBalance balance = RingBalance.of(servers, replication.wanted(), ring.current());
        assertTrue(balance.even(), "uneven: " + balance.worst());
      }
    }
  }

  @Test
  void ringsFollowWhoeverJoinsLeavesDiesAndComesBack() {
    for (long seed : Seeds.of("RingPlansTest", 8)) {
      try {
        history(new World(seed));
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("replay with -Dtest=RingPlansTest -Dseed=" + seed, e);
      }
    }
  }

  private static void history(World world) {
    SplittableRandom random = world.random;
    world.declare(Replication.of(1 + random.nextInt(4)));
    world.declare(
        new Replication(
            3,
            2,
            2,
            Replication.Quorum.SLOPPY,
            Replication.Conflicts.SIBLINGS,
            new TreeMap<>(Map.of("eu", 2, "us", 1))));
    for (int step = 0; step < 12; step++) {
      var members = List.copyOf(world.metadata.members().keySet());
      long some = members.get(random.nextInt(members.size()));
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          if (members.size() < 9) {
            world.join();
          }
        }
        case 2 -> world.apply(new MetadataCommand.LeaveMember(some, 0));
        case 3 -> {
          world.apply(new MetadataCommand.StayMember(some));
          world.apply(new MetadataCommand.MemberUp(some));
        }
        case 4 -> world.dead.add(some);
        default -> world.dead.remove(some);
      }
      for (int round = random.nextInt(4); round > 0; round--) {
        world.plan();
        world.act();
      }
    }
    world.settle();
    world.check();
    world.dead.clear();
    world.settle();
    assertTrue(world.metadata.rings().values().stream().allMatch(RingRecord::settled));
    world.check();
    // Whoever was told to leave owns nothing, and can go.
    for (Member member : world.metadata.members().values()) {
      for (RingRecord ring : world.metadata.rings().values()) {
        List<RingServer> up =
            world.servers(
                world.replication(ring),
                new TreeSet<>(
                    world.metadata.members().values().stream()
                        .filter(other -> other.state() == State.UP)
                        .map(Member::number)
                        .toList()));
        if (member.state() == State.LEAVING && !up.isEmpty()) {
          assertFalse(ring.current().members().contains(member.number()));
        }
      }
    }
  }

  @Test
  void aTableIsComputedOnlyWhenMembersOrTablesAreOthers() {
    var world = new World(1);
    world.declare(Replication.DEFAULT);
    world.declare(Replication.DEFAULT);
    world.settle();
    world.join();
    var plans = new RingPlans();
    List<MetadataCommand> first = plans.plan(world.metadata, world.live(), Set.of(), CHANGES);
    assertEquals(2, first.size());
    SlotTable table = ((MetadataCommand.SetRing) first.getFirst()).next();
    assertSame(table, ((MetadataCommand.SetRing) first.getLast()).next(), "both begin the same");
    // An epoch that has to do with neither.
    world.apply(new MetadataCommand.PreferLeader(1, 1));
    world.apply(
        new MetadataCommand.UpdateMember(
            1, Objects.requireNonNull(world.metadata.members().get(1L)).node()));
    List<MetadataCommand> again = plans.plan(world.metadata, world.live(), Set.of(), CHANGES);
    assertSame(table, ((MetadataCommand.SetRing) again.getFirst()).next());
  }

  @Test
  void aJoiningOwnerThatDiesIsReplacedAndOneThatComesLaterWaits() {
    var world = new World(2);
    world.declare(Replication.of(2));
    while (world.metadata.members().size() < 3) {
      world.join();
    }
    world.settle();
    int id = world.metadata.rings().firstKey();
    long fourth = world.join();
    assertEquals(1, world.plan());
    RingRecord ring = ring(world, id);
    assertTrue(ring.joining().contains(fourth));
    long fifth = world.join();
    assertEquals(0, world.plan(), "one change of a ring at a time");
    world.dead.add(fourth);
    assertEquals(1, world.plan());
    ring = ring(world, id);
    assertFalse(Objects.requireNonNull(ring.next()).members().contains(fourth));
    assertTrue(ring.joining().contains(fifth));
    // With nobody left to join, the change is given up.
    world.dead.add(fifth);
    world.plan();
    assertTrue(ring(world, id).settled());
    assertEquals(0, world.plan());
  }

  @Test
  void aLostMemberIsNotWaitedForAndADeadOneThatStaysIs() {
    var world = new World(3);
    while (world.metadata.members().size() < 4) {
      world.join();
    }
    world.declare(Replication.DEFAULT);
    int id = world.metadata.rings().firstKey();
    world.dead.add(2L);
    assertEquals(0, world.plan(), "it may come back");
    world.apply(new MetadataCommand.LeaveMember(2, 0));
    world.settle();
    assertFalse(ring(world, id).holders().contains(2L));
  }

  private static RingRecord ring(World world, int id) {
    return Objects.requireNonNull(world.metadata.rings().get(id));
  }
}
