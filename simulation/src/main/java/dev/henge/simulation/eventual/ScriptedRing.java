package dev.henge.simulation.eventual;

import dev.henge.base.Slots;
import dev.henge.base.ring.SlotTable;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.metadata.Address;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.consensus.metadata.Location;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.NodeDescription;
import dev.henge.consensus.metadata.Replication;
import dev.henge.consensus.metadata.RingRecord;
import dev.henge.consensus.metadata.Routes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The metadata in all its epochs: members, two eventual keyspaces, and who owns what.
///
/// - Threads: the simulation's.
final class ScriptedRing {
  /// Ids of the keyspaces, by their number.
  private static final int FIRST_ID = 16;

  private static final int COPIES = 3;

  private final List<Replication> replications = new ArrayList<>();
  private final TreeMap<Integer, RingRecord> rings = new TreeMap<>();
  private final TreeMap<Long, Member> members = new TreeMap<>();
  private long epoch;
  private Routes routes;

  /// The first keyspace keeps siblings, in the second the latest wins.
  ///
  /// @param machines members from 1 on
  ScriptedRing(SeededRandomness random, int machines) {
    for (int i = 0; i < 2; i++) {
      int copies = random.chance(85) ? COPIES : 2;
      replications.add(
          new Replication(
              copies,
              1 + random.nextInt(copies),
              random.chance(70) ? copies / 2 + 1 : 1 + random.nextInt(copies),
              random.chance(50) ? Replication.Quorum.STRICT : Replication.Quorum.SLOPPY,
              i == 0 ? Replication.Conflicts.SIBLINGS : Replication.Conflicts.LATEST,
              new TreeMap<>()));
    }
    for (long number = 1; number <= machines; number++) {
      members.put(number, member(number));
    }
    for (int i = 0; i < replications.size(); i++) {
      SlotTable table = table(replications.get(i).copies());
      rings.put(id(i), new RingRecord(id(i), 1, table, null, new TreeSet<>(), new TreeMap<>()));
    }
    routes = next();
  }

  int keyspaceCount() {
    return replications.size();
  }

  static int id(int keyspace) {
    return FIRST_ID + keyspace;
  }

  Replication replication(int keyspace) {
    return replications.get(keyspace);
  }

  Routes routes() {
    return routes;
  }

  long[] owners(int keyspace, int slot) {
    return ring(keyspace).current().servers(slot);
  }

  /// A node without a disk is to have what another had: the first of two phases. Writes go to both
  /// from now on, reads and what counts stay with the other.
  void begin(long old, long fresh) {
    members.put(fresh, member(fresh));
    for (RingRecord ring : List.copyOf(rings.values())) {
      SlotTable from = ring.next() == null ? ring.current() : ring.next();
      put(ring, ring.current(), replaced(from, old, fresh));
    }
    routes = next();
  }

  /// The new owners are the owners.
  void confirm(long old) {
    members.remove(old);
    for (RingRecord ring : List.copyOf(rings.values())) {
      SlotTable next = ring.next();
      if (next != null) {
        put(ring, next, null);
      }
    }
    routes = next();
  }

  private void put(RingRecord ring, SlotTable current, @Nullable SlotTable next) {
    rings.put(
        ring.keyspace(),
        new RingRecord(
            ring.keyspace(), ring.change() + 1, current, next, new TreeSet<>(), new TreeMap<>()));
  }

  private static SlotTable replaced(SlotTable table, long old, long fresh) {
    List<long[]> lists = new ArrayList<>(table.slots());
    for (int slot = 0; slot < table.slots(); slot++) {
      lists.add(
          Arrays.stream(table.servers(slot)).map(each -> each == old ? fresh : each).toArray());
    }
    return SlotTable.of(lists);
  }

  /// Whether a member counts as owner.
  boolean owns(long member, int keyspace, int slot) {
    return ring(keyspace).owns(member, slot);
  }

  private RingRecord ring(int keyspace) {
    return Objects.requireNonNull(rings.get(id(keyspace)), "every keyspace has a ring");
  }

  private Routes next() {
    var keyspaces = new TreeMap<Integer, DeclaredKeyspace>();
    for (int i = 0; i < replications.size(); i++) {
      keyspaces.put(
          id(i),
          new DeclaredKeyspace(
              i == 0 ? "siblings" : "latest",
              id(i),
              KeyspaceDeclaration.DEFAULT.eventual(replications.get(i))));
    }
    return new Routes(
        new Metadata(
            ++epoch,
            "0".repeat(31) + "1",
            members,
            new TreeSet<>(),
            keyspaces,
            new TreeMap<>(),
            rings,
            members.lastKey() + 1,
            id(replications.size()),
            Metadata.DATABASES_GROUP + 1));
  }

  /// Neighbouring slots have different owners.
  private SlotTable table(int copies) {
    long[] numbers = members.keySet().stream().mapToLong(Long::longValue).toArray();
    List<long[]> lists = new ArrayList<>(Slots.COUNT);
    for (int slot = 0; slot < Slots.COUNT; slot++) {
      var owners = new long[Math.min(copies, numbers.length)];
      for (int copy = 0; copy < owners.length; copy++) {
        owners[copy] = numbers[(slot + copy) % numbers.length];
      }
      lists.add(owners);
    }
    return SlotTable.of(lists);
  }

  private static Member member(long number) {
    return new Member(
        number,
        new NodeDescription(
            "%032x".formatted(number),
            new Address("127.0.0.1", 1, 2, 3, 0),
            new Location("", ""),
            1,
            1),
        Member.State.UP,
        0);
  }
}
