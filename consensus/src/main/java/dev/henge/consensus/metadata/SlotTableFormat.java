package dev.henge.consensus.metadata;

import dev.henge.base.FormatException;
import dev.henge.base.Invariant;
import dev.henge.base.Slots;
import dev.henge.base.ring.Copies;
import dev.henge.base.ring.SlotTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A table of slots as bytes (FORMAT.md): its members once, then runs of slots that have the same
/// preference list, each member a byte.
///
/// - Cost: a few hundred runs for a few members, a run for each slot for many.
final class SlotTableFormat {
  /// The most that a byte tells apart: a cluster has no more members.
  private static final int MEMBERS_MAX = 256;

  private SlotTableFormat() {}

  /// What a table takes at most: a run for each slot.
  static int bytesMax(int copies) {
    return 12 + 8 * MEMBERS_MAX + Slots.COUNT * (2 + copies);
  }

  static void write(FieldWriter out, SlotTable table) {
    List<Long> members = List.copyOf(table.members());
    Invariant.check(members.size() <= MEMBERS_MAX, "a table has at most 256 members");
    Map<Long, Integer> indexes = new HashMap<>();
    members.forEach(member -> indexes.put(member, indexes.size()));
    out.list(members, out::number);
    out.number(table.slots());
    out.number(table.copies());
    int end;
    for (int start = 0; start < table.slots(); start = end) {
      end = start + 1;
      while (end < table.slots() && isSame(table, start, end)) {
        end++;
      }
      // Up to 16,384 slots: two bytes.
      out.oneByte(end - start);
      out.oneByte((end - start) >>> 8);
      for (int copy = 0; copy < table.copies(); copy++) {
        out.oneByte(indexes.getOrDefault(table.server(start, copy), 0));
      }
    }
  }

  static SlotTable read(FieldReader in) throws FormatException {
    List<Long> members = in.list(in::longNumber);
    int slots = in.number();
    int copies = in.number();
    if (members.size() > MEMBERS_MAX || slots != Slots.COUNT || copies < 1 || copies > Copies.MAX) {
      throw in.failure(
          "a table of "
              + slots
              + " slots with "
              + copies
              + " copies on "
              + members.size()
              + " members cannot be");
    }
    var lists = new ArrayList<long[]>(slots);
    while (lists.size() < slots) {
      int run = in.oneByte() | in.oneByte() << 8;
      if (run == 0 || run > slots - lists.size()) {
        throw in.failure("a run of " + run + " slots after " + lists.size() + " of " + slots);
      }
      var list = new long[copies];
      for (int copy = 0; copy < copies; copy++) {
        int index = in.oneByte();
        if (index >= members.size()) {
          throw in.failure("member " + index + " of " + members.size());
        }
        list[copy] = members.get(index);
      }
      for (int i = 0; i < run; i++) {
        lists.add(list);
      }
    }
    return SlotTable.of(lists);
  }

  private static boolean isSame(SlotTable table, int slot, int other) {
    for (int copy = 0; copy < table.copies(); copy++) {
      if (table.server(slot, copy) != table.server(other, copy)) {
        return false;
      }
    }
    return true;
  }
}
