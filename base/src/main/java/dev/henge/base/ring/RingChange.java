package dev.henge.base.ring;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What becomes of a table when servers join, leave or change.
///
/// @param table the next one
/// @param moved copies that go to a server that had none of their slot
/// @param ideal how many would have to: what the servers that left had, or what the shares of the
///   others grow by, whichever is more
public record RingChange(SlotTable table, int moved, double ideal) {
  public static RingChange of(
      List<RingServer> from, SlotTable table, List<RingServer> to, Copies copies) {
    SlotTable next = RingPlanner.plan(to, copies, table);
    double[] shares = RingPlanner.shares(to, copies, table.slots());
    Map<Long, Double> growth = new HashMap<>();
    for (int i = 0; i < shares.length; i++) {
      growth.put(to.get(i).id(), shares[i]);
    }
    Map<Long, Integer> held = table.counts(0, table.copies());
    double[] sharesBefore = RingPlanner.shares(from, copies, table.slots());
    long kept = 0;
    for (int i = 0; i < sharesBefore.length; i++) {
      long id = from.get(i).id();
      double before = sharesBefore[i];
      if (growth.computeIfPresent(id, (same, share) -> share - before) != null) {
        kept += held.getOrDefault(id, 0);
      }
    }
    double grown = 0;
    for (RingServer server : to) {
      grown += Math.max(0, growth.getOrDefault(server.id(), 0.0));
    }
    long missing = (long) next.copies() * next.slots() - kept;
    return new RingChange(next, next.movedSince(table), Math.max(grown, (double) missing));
  }
}
