package dev.henge.base.ring;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Finishes a table where no server below its quota may take what is missing or too much elsewhere:
/// within the limits of their quotas servers take one more, and beyond them copies move in a chain,
/// `a` gives a slot to `b`, which gives another to `c`, which has room.
///
/// - Cost: a breadth-first search over servers for each chain; few are needed. Of all chains one is
///   taken that moves the fewest copies.
/// - Source: augmenting paths, as in Ford and Fulkerson's flows.
final class Exchange {
  /// How a server was reached: `from` gives `slot` to it; -1 for the start.
  private record Step(int from, int slot) {}

  private final Spread spread;
  private final Holders holders;
  private final Quotas quotas;

  /// By server: its slots that it had before, and those that it is to get.
  private final List<List<Integer>> staying = new ArrayList<>();

  private final List<List<Integer>> coming = new ArrayList<>();

  Exchange(Spread spread, Holders holders, Quotas quotas) {
    this.spread = spread;
    this.holders = holders;
    this.quotas = quotas;
  }

  /// Brings every slot to its copies, and every server within its limits.
  void complete() {
    index();
    for (int slot = 0; slot < holders.slots(); slot++) {
      while (holders.count(slot) < spread.copies() && add(slot)) {
        // one more copy
      }
    }
    for (int server = 0; server < quotas.count(); server++) {
      int high = quotas.highs()[server];
      while (holders.load(server) > high && give(server, quotas.highs())) {
        // one copy less
      }
    }
    for (int server = 0; server < quotas.count(); server++) {
      int aim = quotas.aim(server);
      while (holders.load(server) > aim && give(server, quotas.lows())) {
        // one copy less, for a server that has too few
      }
    }
  }

  private boolean add(int slot) {
    var able = new ArrayList<Integer>();
    int best = -1;
    for (int server = 0; server < quotas.count(); server++) {
      if (holders.canAdd(slot, server)) {
        able.add(server);
        best = best < 0 || load(server) < load(best) ? server : best;
      }
    }
    if (best < 0) {
      return false;
    }
    int taker = best;
    if (!isBelow(best, quotas.highs())) {
      int start = free(able, slot, quotas.highs());
      taker = start < 0 ? best : start;
    }
    holders.add(slot, taker);
    slotsOf(taker, slot).add(slot);
    return true;
  }

  /// Lets `server` give a copy away, over others, to one that is below its limit.
  private boolean give(int server, int[] limits) {
    return free(List.of(server), -1, limits) >= 0;
  }

  private double load(int server) {
    return (double) holders.load(server) / Math.max(1, quotas.highs()[server]);
  }

  private boolean isBelow(int server, int[] limits) {
    return holders.load(server) < limits[server];
  }

  /// Makes a chain of moves from one of `starts` to a server that is below its limit.
  ///
  /// @param slot may not be moved
  /// @return the start, which has one copy fewer now; -1 where there is no chain
  private int free(List<Integer> starts, int slot, int[] limits) {
    if (IntStream.range(0, quotas.count()).noneMatch(server -> isBelow(server, limits))) {
      return -1;
    }
    var steps = new @Nullable Step[quotas.count()];
    for (int start : starts) {
      steps[start] = new Step(-1, slot);
    }
    List<Integer> reached = starts;
    while (!reached.isEmpty()) {
      // First as far as copies lead that are on their way anyhow: giving them on costs nothing.
      List<Integer> all = new ArrayList<>(reached);
      for (int i = 0; i < all.size(); i++) {
        int end = reach(steps, all.get(i), coming, all, limits);
        if (end >= 0) {
          return move(steps, end);
        }
      }
      reached = new ArrayList<>();
      for (int from : all) {
        int end = reach(steps, from, staying, reached, limits);
        if (end >= 0) {
          return move(steps, end);
        }
      }
    }
    return -1;
  }

  /// Goes one step from `from` to wherever it leads, adding to `reached`.
  ///
  /// @param slots that may be given
  /// @return a server below its limit; -1 where none was reached
  private int reach(
      @Nullable Step[] steps,
      int from,
      List<List<Integer>> slots,
      List<Integer> reached,
      int[] limits) {
    int[] open = open(steps);
    for (int given : slots.get(from)) {
      if (open.length == 0) {
        break;
      }
      if (!isUsed(steps, from, given)) {
        int before = reached.size();
        for (int to : open) {
          if (holders.canReplace(given, from, to)) {
            steps[to] = new Step(from, given);
            if (isBelow(to, limits)) {
              return to;
            }
            reached.add(to);
          }
        }
        open = reached.size() > before ? open(steps) : open;
      }
    }
    return -1;
  }

  /// Servers that were not reached.
  private static int[] open(@Nullable Step[] steps) {
    var open = new int[steps.length];
    int count = 0;
    for (int server = 0; server < open.length; server++) {
      if (steps[server] == null) {
        open[count++] = server;
      }
    }
    return Arrays.copyOf(open, count);
  }

  /// Whether a chain that ends at `server` moves `slot` already.
  private static boolean isUsed(@Nullable Step[] steps, int server, int slot) {
    Step step = steps[server];
    while (step != null && step.slot != slot) {
      step = step.from < 0 ? null : steps[step.from];
    }
    return step != null;
  }

  private int move(@Nullable Step[] steps, int end) {
    int to = end;
    Step step = steps[to];
    while (step != null && step.from >= 0) {
      holders.replace(step.slot, step.from, to);
      slotsOf(step.from, step.slot).remove((Integer) step.slot);
      slotsOf(to, step.slot).add(step.slot);
      to = step.from;
      step = steps[to];
    }
    return to;
  }

  private List<Integer> slotsOf(int server, int slot) {
    return (holders.had(slot, server) ? staying : coming).get(server);
  }

  private void index() {
    for (int server = 0; server < quotas.count(); server++) {
      staying.add(new ArrayList<>());
      coming.add(new ArrayList<>());
    }
    for (int slot = 0; slot < holders.slots(); slot++) {
      for (int copy = 0; copy < holders.count(slot); copy++) {
        slotsOf(holders.server(slot, copy), slot).add(slot);
      }
    }
  }
}
