package dev.henge.base.ring;

import dev.henge.base.Slots;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Proposes which servers have a copy of each slot: level over racks and data centres ([Spread]),
/// each server near its share ([Shares]), the next free server clockwise ([Ring]), and as much as
/// possible where it is already.
///
/// First, copies on servers that are gone, or that the spread allows no more, are dropped. Missing
/// ones go to the next server clockwise that has room. Then servers that are below their quota take
/// the slots that lie right before their virtual nodes from servers that are above. What is left
/// goes by [Exchange], a chain of moves. So what moves is what the quotas ask for.
///
/// - Deterministic: the same arguments give the same table on every machine.
/// - Cost: 1,000 servers and 16,384 slots with 3 copies take a fraction of a second.
public final class RingPlanner {
  /// With so many servers below their quota, each is asked for its distance.
  private static final int FEW = 32;

  private final int slots;
  private final List<RingServer> servers;
  private final Spread spread;
  private final Ring ring;
  private final Holders holders;

  private RingPlanner(List<RingServer> servers, Copies copies, int slots) {
    this.slots = slots;
    this.servers = servers;
    this.spread = new Spread(servers, copies);
    this.ring = new Ring(servers, slots);
    this.holders = new Holders(slots, spread, servers.size());
  }

  /// A table from nothing.
  public static SlotTable plan(List<RingServer> servers, Copies copies) {
    return plan(servers, copies, Slots.COUNT, null);
  }

  /// The table to go to from `previous`. Where there are fewer servers than copies, each has one of
  /// every slot.
  ///
  /// @param servers at least one, in any order, each id once
  public static SlotTable plan(List<RingServer> servers, Copies copies, SlotTable previous) {
    return plan(servers, copies, previous.slots(), previous);
  }

  /// The ideal number of copies on each server, in the order of `servers`: in proportion to
  /// capacity, as far as racks, data centres and one copy of a slot on a server allow.
  static double[] shares(List<RingServer> servers, Copies copies, int slots) {
    return new Shares(new Spread(servers, copies), servers.size(), slots).shares();
  }

  /// @param slots a power of two
  static SlotTable plan(
      List<RingServer> servers, Copies copies, int slots, @Nullable SlotTable previous) {
    List<RingServer> sorted =
        servers.stream().sorted(Comparator.comparingLong(RingServer::id)).toList();
    return new RingPlanner(sorted, copies, slots).plan(previous);
  }

  private SlotTable plan(@Nullable SlotTable previous) {
    if (previous != null) {
      keep(previous);
    }
    holders.remember();
    Quotas quotas = new Shares(spread, servers.size(), slots).quotas(spread, holders.loads());
    fill(quotas);
    balance(quotas);
    new Exchange(spread, holders, quotas).complete();
    var lists = new ArrayList<long[]>(slots);
    for (int slot = 0; slot < slots; slot++) {
      lists.add(preferenceList(slot));
    }
    return SlotTable.of(lists);
  }

  /// Copies that stay: where not all of a slot can, those on the least loaded servers.
  private void keep(SlotTable previous) {
    Map<Long, Integer> numbers = new HashMap<>();
    for (int i = 0; i < servers.size(); i++) {
      numbers.put(servers.get(i).id(), i);
    }
    var loads = new double[servers.size()];
    List<List<Integer>> present = new ArrayList<>(slots);
    for (int slot = 0; slot < slots; slot++) {
      List<Integer> there = new ArrayList<>();
      for (int copy = 0; copy < previous.copies(); copy++) {
        Integer number = numbers.get(previous.server(slot, copy));
        if (number != null) {
          there.add(number);
          loads[number] += 1 / servers.get(number).capacity();
        }
      }
      present.add(there);
    }
    for (int slot = 0; slot < slots; slot++) {
      List<Integer> there = present.get(slot);
      there.sort(Comparator.<Integer>comparingDouble(number -> loads[number]));
      for (int number : there) {
        if (holders.canAdd(slot, number)) {
          holders.add(slot, number);
        } else {
          loads[number] -= 1 / servers.get(number).capacity();
        }
      }
    }
  }

  /// Gives missing copies to the next server clockwise that is below its quota.
  private void fill(Quotas quotas) {
    int[] below = below(quotas);
    int[] needs =
        IntStream.range(0, quotas.count()).map(i -> quotas.aim(i) - holders.load(i)).toArray();
    for (int slot = 0; slot < slots; slot++) {
      while (holders.count(slot) < spread.copies()) {
        int next = below.length > FEW ? walk(slot, quotas) : nearest(slot, below, quotas, needs);
        if (next < 0) {
          break;
        }
        holders.add(slot, next);
        if (holders.load(next) == quotas.aim(next)) {
          below = below(quotas);
        }
      }
    }
  }

  private int walk(int slot, Quotas quotas) {
    return ring.next(slot, server -> isBelow(server, quotas) && holders.canAdd(slot, server));
  }

  /// The same where few are below, so that it matters not to use one of them up before slots come
  /// that no other may take: only those are asked that still need about as much of what they were
  /// to get as the neediest.
  private int nearest(int slot, int[] below, Quotas quotas, int[] needs) {
    var left = new double[below.length];
    double most = 0;
    for (int i = 0; i < left.length; i++) {
      int server = below[i];
      if (holders.canAdd(slot, server)) {
        left[i] = (double) (quotas.aim(server) - holders.load(server)) / needs[server];
        most = Math.max(most, left[i]);
      }
    }
    int nearest = -1;
    long distance = -1; // the longest
    for (int i = 0; i < left.length; i++) {
      if (left[i] > 0 && left[i] >= most / 2) {
        long away = ring.distance(slot, below[i]);
        if (Long.compareUnsigned(away, distance) < 0) {
          nearest = below[i];
          distance = away;
        }
      }
    }
    return nearest;
  }

  /// Lets servers below their quota take slots from servers above.
  private void balance(Quotas quotas) {
    for (int server : below(quotas)) {
      int[] order = ring.slotsBefore(server, slots);
      for (int i = 0; i < slots && holders.load(server) < quotas.aim(server); i++) {
        int from = fullest(order[i], server, quotas);
        if (from >= 0) {
          holders.replace(order[i], from, server);
        }
      }
    }
  }

  /// The holder of `slot` that is furthest above its quota and that `server` can stand for; -1 for
  /// none.
  private int fullest(int slot, int server, Quotas quotas) {
    int fullest = -1;
    double most = 0;
    for (int copy = 0; copy < holders.count(slot); copy++) {
      int holder = holders.server(slot, copy);
      double excess = (holders.load(holder) - quotas.aim(holder)) / servers.get(holder).capacity();
      if (excess > most && holders.canReplace(slot, holder, server)) {
        fullest = holder;
        most = excess;
      }
    }
    return fullest;
  }

  private int[] below(Quotas quotas) {
    return IntStream.range(0, servers.size()).filter(server -> isBelow(server, quotas)).toArray();
  }

  private boolean isBelow(int server, Quotas quotas) {
    return holders.load(server) < quotas.aim(server);
  }

  private long[] preferenceList(int slot) {
    List<Integer> list = new ArrayList<>();
    for (int copy = 0; copy < holders.count(slot); copy++) {
      list.add(holders.server(slot, copy));
    }
    list.sort((a, b) -> Long.compareUnsigned(ring.distance(slot, a), ring.distance(slot, b)));
    return list.stream().mapToLong(number -> servers.get(number).id()).toArray();
  }
}
