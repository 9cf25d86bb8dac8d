package dev.henge.base.ring;

import dev.henge.base.Invariant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Which servers have a copy of each slot: its preference list, clockwise from the slot's place.
///
/// - Shape: the same number of copies for every slot, 8 bytes each.
/// - Threads: immutable.
public final class SlotTable {
  private final int slots;
  private final int copies;
  private final long[] servers;

  /// Found when somebody asks; by two at once twice.
  private volatile @Nullable SortedSet<Long> members;

  private SlotTable(int slots, int copies, long[] servers) {
    this.slots = slots;
    this.copies = copies;
    this.servers = servers;
  }

  /// @param lists of each slot, all of one length, no server twice in one
  public static SlotTable of(List<long[]> lists) {
    int copies = lists.isEmpty() ? 0 : lists.getFirst().length;
    var servers = new long[lists.size() * copies];
    for (int slot = 0; slot < lists.size(); slot++) {
      long[] list = lists.get(slot);
      Invariant.check(list.length == copies, "every slot has as many copies");
      System.arraycopy(list, 0, servers, slot * copies, copies);
    }
    return new SlotTable(lists.size(), copies, servers);
  }

  public int slots() {
    return slots;
  }

  /// Copies of each slot.
  public int copies() {
    return copies;
  }

  /// The server that has copy `copy` of `slot`; copy 0 is the first of the preference list.
  public long server(int slot, int copy) {
    return servers[slot * copies + copy];
  }

  /// The preference list of `slot`.
  public long[] servers(int slot) {
    return Arrays.copyOfRange(servers, slot * copies, (slot + 1) * copies);
  }

  public boolean holds(int slot, long server) {
    for (int copy = 0; copy < copies; copy++) {
      if (server(slot, copy) == server) {
        return true;
      }
    }
    return false;
  }

  /// Every server that holds a slot.
  public SortedSet<Long> members() {
    SortedSet<Long> known = members;
    if (known == null) {
      var found = new TreeSet<Long>();
      for (long server : servers) {
        found.add(server);
      }
      known = Collections.unmodifiableSortedSet(found);
      members = known;
    }
    return known;
  }

  /// By server: how many slots it has copy `from` to `to` (exclusive) of.
  Map<Long, Integer> counts(int from, int to) {
    Map<Long, Integer> counts = new HashMap<>();
    for (int slot = 0; slot < slots; slot++) {
      for (int copy = from; copy < to; copy++) {
        counts.merge(server(slot, copy), 1, Integer::sum);
      }
    }
    return counts;
  }

  /// How many copies lie on a server that had none of their slot in `before`.
  public int movedSince(SlotTable before) {
    int moved = 0;
    for (int slot = 0; slot < slots; slot++) {
      for (int copy = 0; copy < copies; copy++) {
        moved += before.holds(slot, server(slot, copy)) ? 0 : 1;
      }
    }
    return moved;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SlotTable table
        && slots == table.slots
        && copies == table.copies
        && Arrays.equals(servers, table.servers);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(servers);
  }

  /// What a log line needs of it.
  @Override
  public String toString() {
    return copies + " copies on " + members();
  }
}
