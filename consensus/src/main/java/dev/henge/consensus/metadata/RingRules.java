package dev.henge.consensus.metadata;

import dev.henge.base.Slots;
import dev.henge.base.ring.SlotTable;
import dev.henge.consensus.metadata.Member.State;
import dev.henge.consensus.metadata.MetadataOutcome.Refusal;
import dev.henge.consensus.metadata.MetadataRules.Transition;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What the commands about eventual keyspaces and their rings do; as pure as [MetadataRules], which
/// calls it.
///
/// - Invariants kept: (1) an eventual keyspace has a ring, whose tables have all slots and at most
///   N copies of each on different members; (2) a change comes in force only when every joining
///   owner is ready; (3) all rings together fit the metadata's file, whatever becomes of them.
public final class RingRules {
  /// What all tables may take when they are written as long as they can be.
  private static final int TABLE_BYTES_MAX = 12 << 20;

  private RingRules() {}

  static Transition declare(Metadata metadata, MetadataCommand.DeclareEventual command) {
    KeyspaceDeclaration declaration = command.declaration();
    Optional<Transition> known =
        MetadataRules.known(metadata, command.name(), declaration, command.most());
    if (known.isPresent()) {
      return known.get();
    }
    if (!declaration.isEventual() || declaration.groups() != 0) {
      return MetadataRules.refused(
          metadata, Refusal.INVALID, "an eventual keyspace has a ring in place of groups");
    }
    Replication replication = declaration.replication();
    Optional<String> refusal = refusal(metadata, replication);
    if (refusal.isPresent()) {
      return MetadataRules.refused(metadata, Refusal.INVALID, refusal.get());
    }
    Optional<String> tooLong = MetadataRules.tooLong(declaration);
    if (tooLong.isPresent()) {
      return MetadataRules.refused(metadata, Refusal.NOT_SERVED, tooLong.get());
    }
    Optional<Transition> unfit =
        unfit(metadata, command.table(), replication, command.table().members());
    if (unfit.isPresent()) {
      return unfit.get();
    }
    int id = metadata.nextKeyspace();
    var keyspaces = new TreeMap<>(metadata.keyspaces());
    keyspaces.put(id, new DeclaredKeyspace(command.name(), id, declaration));
    var rings = new TreeMap<>(metadata.rings());
    rings.put(id, RingRecord.begun(id, command.table()));
    return MetadataRules.changed(
        metadata.next(
            metadata.members(),
            metadata.barred(),
            keyspaces,
            metadata.groups(),
            rings,
            metadata.nextMember(),
            id + 1,
            metadata.nextGroup()),
        id);
  }

  /// Why this cluster cannot hold another keyspace that is copied so, with what to do; empty where
  /// it can.
  public static Optional<String> refusal(Metadata metadata, Replication replication) {
    Optional<String> impossible = replication.refusal();
    if (impossible.isPresent()) {
      return impossible;
    }
    var centres = new TreeSet<String>();
    for (Member member : metadata.members().values()) {
      centres.add(member.node().location().dataCentre());
    }
    for (String named : replication.perDataCentre().keySet()) {
      if (!centres.contains(named)) {
        return Optional.of(
            "placement names data centre '"
                + named
                + "', where no member is: members are in "
                + centres);
      }
    }
    long bytes = SlotTableFormat.bytesMax(replication.copies());
    for (RingRecord ring : metadata.rings().values()) {
      bytes += SlotTableFormat.bytesMax(declared(metadata, ring).copies());
    }
    // A table, and the one that it is changed to.
    return 2 * bytes > TABLE_BYTES_MAX
        ? Optional.of(
            "the tables of all eventual keyspaces would not fit the metadata: declare fewer copies"
                + " (n), or put more into one keyspace")
        : Optional.empty();
  }

  static Transition set(Metadata metadata, MetadataCommand.SetRing command) {
    RingRecord ring = metadata.rings().get(command.keyspace());
    if (ring == null) {
      return unknown(metadata, command.keyspace());
    }
    SlotTable aim = ring.next() == null ? ring.current() : ring.next();
    if (aim.equals(command.next())) {
      return MetadataRules.unchanged(metadata, command.keyspace());
    }
    if (ring.change() != command.change()) {
      return stale(metadata, ring);
    }
    var joining = new TreeSet<>(command.next().members());
    joining.removeAll(ring.current().members());
    Optional<Transition> unfit = unfit(metadata, command.next(), declared(metadata, ring), joining);
    return unfit.isPresent()
        ? unfit.get()
        : MetadataRules.changed(metadata.with(ring.aimingAt(command.next())), command.keyspace());
  }

  static Transition ready(Metadata metadata, MetadataCommand.RingReady command) {
    RingRecord ring = metadata.rings().get(command.keyspace());
    if (ring == null) {
      return unknown(metadata, command.keyspace());
    }
    if (ring.change() != command.change()) {
      return stale(metadata, ring);
    }
    if (ring.settled() || ring.ready().contains(command.member())) {
      return MetadataRules.unchanged(metadata, command.keyspace());
    }
    return ring.joining().contains(command.member())
        ? MetadataRules.changed(metadata.with(ring.readyAt(command.member())), command.keyspace())
        : MetadataRules.refused(
            metadata,
            Refusal.INVALID,
            "member "
                + command.member()
                + " gets nothing by change "
                + ring.change()
                + " of keyspace "
                + command.keyspace());
  }

  static Transition confirm(Metadata metadata, MetadataCommand.ConfirmRing command) {
    RingRecord ring = metadata.rings().get(command.keyspace());
    if (ring == null) {
      return unknown(metadata, command.keyspace());
    }
    if (ring.change() != command.change()) {
      return stale(metadata, ring);
    }
    SlotTable next = ring.next();
    if (next == null) {
      return MetadataRules.unchanged(metadata, command.keyspace());
    }
    if (!ring.proved()) {
      SortedSet<Long> missing = new TreeSet<>(ring.joining());
      missing.removeAll(ring.ready());
      return MetadataRules.refused(
          metadata, Refusal.WRONG_STATE, "members " + missing + " have not proved their ranges");
    }
    return MetadataRules.changed(metadata.with(ring.reached(next)), command.keyspace());
  }

  static Transition released(Metadata metadata, MetadataCommand.RingReleased command) {
    RingRecord ring = metadata.rings().get(command.keyspace());
    if (ring == null) {
      return unknown(metadata, command.keyspace());
    }
    Long lostBy = ring.releasing().get(command.member());
    if (lostBy == null) {
      return MetadataRules.unchanged(metadata, command.keyspace());
    }
    return command.change() < lostBy
        ? stale(metadata, ring)
        : MetadataRules.changed(metadata.with(ring.without(command.member())), command.keyspace());
  }

  /// Why `table` cannot be a ring's.
  ///
  /// @param joining members that must be up: they are given ranges
  private static Optional<Transition> unfit(
      Metadata metadata, SlotTable table, Replication replication, SortedSet<Long> joining) {
    if (table.slots() != Slots.COUNT
        || table.copies() < 1
        || table.copies() > replication.copies()
        || !isDistinct(table)) {
      return Optional.of(
          MetadataRules.refused(
              metadata,
              Refusal.INVALID,
              "a table has "
                  + Slots.COUNT
                  + " slots, each with 1 to "
                  + replication.copies()
                  + " copies on different members"));
    }
    for (long number : table.members()) {
      Optional<Member> member = metadata.member(number);
      if (member.isEmpty()) {
        return Optional.of(MetadataRules.unknownMember(metadata, number));
      }
      if (joining.contains(number) && member.get().state() != State.UP) {
        return Optional.of(
            MetadataRules.refused(
                metadata, Refusal.STALE, "member " + number + " is not up any more"));
      }
    }
    return Optional.empty();
  }

  private static boolean isDistinct(SlotTable table) {
    for (int slot = 0; slot < table.slots(); slot++) {
      for (int copy = 1; copy < table.copies(); copy++) {
        for (int other = 0; other < copy; other++) {
          if (table.server(slot, copy) == table.server(slot, other)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private static Replication declared(Metadata metadata, RingRecord ring) {
    DeclaredKeyspace keyspace = metadata.keyspaces().get(ring.keyspace());
    return keyspace == null ? Replication.NONE : keyspace.declaration().replication();
  }

  private static Transition unknown(Metadata metadata, int keyspace) {
    return MetadataRules.refused(
        metadata, Refusal.UNKNOWN_KEYSPACE, "there is no eventual keyspace " + keyspace);
  }

  private static Transition stale(Metadata metadata, RingRecord ring) {
    return MetadataRules.refused(
        metadata,
        Refusal.STALE,
        "the ring of keyspace " + ring.keyspace() + " is at change " + ring.change());
  }
}
