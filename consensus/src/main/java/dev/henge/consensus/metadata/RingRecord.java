package dev.henge.consensus.metadata;

import dev.henge.base.ring.SlotTable;
import java.util.Collections;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Which members own the slots of an eventual keyspace, and which are to.
///
/// A change of owners has two phases: a `next` table with a number of its own, and its confirmation
/// once every joining owner has said that its ranges are proved. In between writes go to the owners
/// of both tables and only those of `current` count; reads go to `current`. A change can be given
/// up at any time: `current` stays the truth. Whoever lost its last slot counts until it has said
/// that everything it held is handed over.
///
/// - Threads: immutable; lookups of a request cost no allocation.
///
/// @param keyspace its id
/// @param change number of the newest change, from 1: rises with each new `next` and when one is
///   given up
/// @param current owners that count
/// @param next owners to be; null where no change is under way
/// @param ready joining members that have proved their ranges of `next`
/// @param releasing members that own nothing any more and may still hold what others lack, with the
///   number of the change that they lost it by
public record RingRecord(
    int keyspace,
    long change,
    SlotTable current,
    @Nullable SlotTable next,
    SortedSet<Long> ready,
    SortedMap<Long, Long> releasing) {
  /// Copies the collections.
  public RingRecord {
    ready = Collections.unmodifiableSortedSet(new TreeSet<>(ready));
    releasing = Collections.unmodifiableSortedMap(new TreeMap<>(releasing));
  }

  /// A ring that begins with `table`.
  static RingRecord begun(int keyspace, SlotTable table) {
    return new RingRecord(keyspace, 1, table, null, new TreeSet<>(), new TreeMap<>());
  }

  /// Whether no change is under way.
  public boolean settled() {
    return next == null;
  }

  /// Copies of each slot, now.
  public int copies() {
    return current.copies();
  }

  /// The owner that has copy `copy` of `slot`, from 0 to [#copies] (exclusive); 0 is preferred.
  public long owner(int slot, int copy) {
    return current.server(slot, copy);
  }

  /// Whether `member` owns `slot` now.
  public boolean owns(long member, int slot) {
    return current.holds(slot, member);
  }

  /// Copies of each slot when the change under way is done; 0 where there is none.
  public int nextCopies() {
    return next == null ? 0 : next.copies();
  }

  /// The member that copy `copy` of `slot` goes to with the change under way: it gets writes, and
  /// its answers do not count.
  ///
  /// @param copy from 0 to [#nextCopies] (exclusive)
  /// @return 0 where an owner keeps that copy
  public long joining(int slot, int copy) {
    long member = next == null ? 0 : next.server(slot, copy);
    return member == 0 || current.holds(slot, member) ? 0 : member;
  }

  /// Whether `member` is to own `slot` and does not yet.
  public boolean joins(long member, int slot) {
    return next != null && next.holds(slot, member) && !current.holds(slot, member);
  }

  /// Members that are to own slots that they do not own yet.
  public SortedSet<Long> joining() {
    return next == null ? new TreeSet<>() : joining(current, next);
  }

  /// Whether every joining owner has proved its ranges.
  public boolean proved() {
    return next != null && ready.containsAll(joining());
  }

  /// Whoever may hold data that counts.
  public SortedSet<Long> holders() {
    var holders = new TreeSet<>(releasing.keySet());
    holders.addAll(current.members());
    if (next != null) {
      holders.addAll(next.members());
    }
    return holders;
  }

  /// The next change. Where nobody has to be given anything it is done at once; the table in force
  /// gives the change under way up.
  RingRecord aimingAt(SlotTable table) {
    if (table.equals(current)) {
      return new RingRecord(keyspace, change + 1, current, null, new TreeSet<>(), releasing);
    }
    var aiming = new RingRecord(keyspace, change + 1, current, table, new TreeSet<>(), releasing);
    return joining(current, table).isEmpty() ? aiming.reached(table) : aiming;
  }

  RingRecord readyAt(long member) {
    var more = new TreeSet<>(ready);
    more.add(member);
    return new RingRecord(keyspace, change, current, next, more, releasing);
  }

  /// With `table`, which is `next`, in force.
  RingRecord reached(SlotTable table) {
    Set<Long> members = table.members();
    var holding = new TreeMap<>(releasing);
    for (long member : current.members()) {
      holding.put(member, change);
    }
    holding.keySet().removeAll(members);
    return new RingRecord(keyspace, change, table, null, new TreeSet<>(), holding);
  }

  RingRecord without(long released) {
    var rest = new TreeMap<>(releasing);
    rest.remove(released);
    return new RingRecord(keyspace, change, current, next, ready, rest);
  }

  private static SortedSet<Long> joining(SlotTable current, SlotTable next) {
    var joining = new TreeSet<Long>();
    for (int slot = 0; slot < next.slots(); slot++) {
      for (int copy = 0; copy < next.copies(); copy++) {
        long member = next.server(slot, copy);
        if (!current.holds(slot, member)) {
          joining.add(member);
        }
      }
    }
    return joining;
  }
}
