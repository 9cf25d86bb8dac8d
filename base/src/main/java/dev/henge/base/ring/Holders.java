package dev.henge.base.ring;

import java.util.Arrays;

/// Who has a copy of which slot while a table is planned.
///
/// - Threads: one.
final class Holders {
  private final Spread spread;
  private final int[][] servers;
  private final int[] counts;
  private final int[] loads;

  /// Who had a copy before the plan.
  private final int[][] before;

  /// A list of one slot that is tried out.
  private final int[] tried;

  Holders(int slots, Spread spread, int serverCount) {
    this.spread = spread;
    this.servers = new int[slots][spread.copies()];
    this.counts = new int[slots];
    this.before = new int[slots][];
    this.loads = new int[serverCount];
    this.tried = new int[spread.copies()];
  }

  int slots() {
    return counts.length;
  }

  /// Copies that `slot` has.
  int count(int slot) {
    return counts[slot];
  }

  int server(int slot, int copy) {
    return servers[slot][copy];
  }

  /// Slots that `server` has.
  int load(int server) {
    return loads[server];
  }

  int[] loads() {
    return loads.clone();
  }

  boolean holds(int slot, int server) {
    for (int copy = 0; copy < counts[slot]; copy++) {
      if (servers[slot][copy] == server) {
        return true;
      }
    }
    return false;
  }

  /// Whether the spread allows `server` beside those that `slot` has.
  boolean canAdd(int slot, int server) {
    int count = counts[slot];
    if (count == tried.length || holds(slot, server)) {
      return false;
    }
    System.arraycopy(servers[slot], 0, tried, 0, count);
    tried[count] = server;
    return spread.allows(tried, count + 1);
  }

  /// Whether the spread allows `to` in place of `from`, which has `slot`.
  boolean canReplace(int slot, int from, int to) {
    if (holds(slot, to)) {
      return false;
    }
    int count = counts[slot];
    for (int copy = 0; copy < count; copy++) {
      int server = servers[slot][copy];
      tried[copy] = server == from ? to : server;
    }
    return spread.allows(tried, count);
  }

  /// Remembers who has copies now.
  void remember() {
    for (int slot = 0; slot < before.length; slot++) {
      before[slot] = Arrays.copyOf(servers[slot], counts[slot]);
    }
  }

  /// Whether `server` had `slot` when [#remember] was called.
  boolean had(int slot, int server) {
    for (int other : before[slot]) {
      if (other == server) {
        return true;
      }
    }
    return false;
  }

  void add(int slot, int server) {
    servers[slot][counts[slot]++] = server;
    loads[server]++;
  }

  void replace(int slot, int from, int to) {
    for (int copy = 0; copy < counts[slot]; copy++) {
      if (servers[slot][copy] == from) {
        servers[slot][copy] = to;
      }
    }
    loads[from]--;
    loads[to]++;
  }
}
