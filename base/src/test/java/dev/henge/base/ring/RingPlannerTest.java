package dev.henge.base.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Slots;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What the ring proposes where one can say beforehand what is right.
final class RingPlannerTest {
  @Test
  void everySlotLiesInThreeRacks() {
    List<RingServer> servers = new ArrayList<>();
    for (int i = 1; i <= 9; i++) {
      servers.add(new RingServer(i, 1, "", "r" + i % 3));
    }
    SlotTable table = RingPlanner.plan(servers, Copies.of(3));
    for (int slot = 0; slot < Slots.COUNT; slot++) {
      assertEquals(3, Arrays.stream(table.servers(slot)).map(id -> id % 3).distinct().count());
    }
  }

  @Test
  void dataCentresHaveTheirOwnNumbers() {
    List<RingServer> servers = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      servers.add(new RingServer(i, 1, i <= 4 ? "eu" : "us", ""));
    }
    servers.add(new RingServer(9, 1, "asia", ""));
    Copies copies = Copies.perDataCentre(new TreeMap<>(Map.of("eu", 3, "us", 2)));
    SlotTable table = RingPlanner.plan(servers, copies);
    assertEquals(5, table.copies());
    for (int slot = 0; slot < Slots.COUNT; slot++) {
      assertEquals(3, Arrays.stream(table.servers(slot)).filter(id -> id <= 4).count());
      assertEquals(2, Arrays.stream(table.servers(slot)).filter(id -> id > 4 && id < 9).count());
    }
  }

  @Test
  void withFewerServersThanCopiesEachHasEverything() {
    SlotTable table = RingPlanner.plan(List.of(RingServer.of(4), RingServer.of(9)), Copies.of(3));
    assertEquals(2, table.copies());
    assertTrue(table.holds(0, 4) && table.holds(0, 9));
    assertEquals(1, RingPlanner.plan(List.of(RingServer.of(4)), Copies.of(3)).copies());
  }

  @Test
  void aServerThatJoinsTakesItsShareAndNothingElseMoves() {
    List<RingServer> servers = new ArrayList<>(List.of(RingServer.of(1), RingServer.of(2)));
    servers.add(RingServer.of(3));
    SlotTable before = RingPlanner.plan(servers, Copies.of(3));
    servers.add(RingServer.of(4));
    SlotTable after = RingPlanner.plan(servers, Copies.of(3), before);
    int taken = after.counts(0, 3).getOrDefault(4L, 0);
    assertEquals(after.movedSince(before), taken);
    assertTrue(taken <= Slots.COUNT * 3 / 4 && taken >= Slots.COUNT * 3 / 4 * 95 / 100, "" + taken);
  }

  @Test
  void theListOfASlotGoesClockwise() {
    List<RingServer> servers = new ArrayList<>();
    for (int i = 1; i <= 12; i++) {
      servers.add(RingServer.of(i));
    }
    var ring = new Ring(servers, Slots.COUNT);
    SlotTable table = RingPlanner.plan(servers, Copies.of(3));
    int nearest = 0;
    for (int slot = 0; slot < Slots.COUNT; slot++) {
      int at = slot;
      long[] distances =
          Arrays.stream(table.servers(slot)).map(id -> ring.distance(at, (int) id - 1)).toArray();
      assertTrue(Long.compareUnsigned(distances[0], distances[1]) < 0);
      assertTrue(Long.compareUnsigned(distances[1], distances[2]) < 0);
      nearest += table.server(slot, 0) - 1 == ring.next(slot, server -> true) ? 1 : 0;
    }
    // The bound sends some further on; most slots are with the next server.
    assertTrue(nearest > Slots.COUNT * 3 / 4, "" + nearest);
  }

  /// A server of half of all capacity can have but one copy of each slot.
  @Test
  void aShareEndsAtOneCopyOfEachSlot() {
    List<RingServer> servers =
        List.of(RingServer.of(1), RingServer.of(2), RingServer.of(3), new RingServer(4, 9, "", ""));
    double[] shares = RingPlanner.shares(servers, Copies.of(2), 300);
    assertArrayEquals(new double[] {100, 100, 100, 300}, shares, 1e-6);
  }

  /// Nodes of different versions must compute the same table: this one never changes.
  @Test
  void theTableIsTheSameForEver() {
    List<RingServer> servers = new ArrayList<>();
    for (int i = 1; i <= 7; i++) {
      servers.add(new RingServer(i, 1 + i % 2, "", "r" + i % 4));
    }
    SlotTable table = RingPlanner.plan(servers, Copies.of(3));
    servers.removeFirst();
    SlotTable next = RingPlanner.plan(servers, Copies.of(3), table);
    assertEquals(
        "[3, 5, 4] -968194653", Arrays.toString(table.servers(1)) + " " + table.hashCode());
    assertEquals("[3, 5, 4] 371723580", Arrays.toString(next.servers(1)) + " " + next.hashCode());
  }
}
