package dev.henge.base.ring;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// How evenly a table loads its servers.
///
/// @param loads of each server, in the order in which they were given
/// @param worst the highest load by ideal share
/// @param even whether every server holds at most 1.05 times its share, or one slot above it
public record RingBalance(List<Load> loads, double worst, boolean even) {
  private static final double EVEN_MAX = 1.05;

  /// @param held slots that the server has a copy of
  /// @param first those of whose preference list it is the first
  /// @param share how many it would have ideally
  public record Load(RingServer server, int held, int first, double share) {
    /// Held by share.
    public double ratio() {
      return share == 0 ? held == 0 ? 1 : Double.POSITIVE_INFINITY : held / share;
    }

    boolean even() {
      return held <= Math.max(EVEN_MAX * share, share + 1) + 1e-6;
    }
  }

  public static RingBalance of(List<RingServer> servers, Copies copies, SlotTable table) {
    double[] shares = RingPlanner.shares(servers, copies, table.slots());
    Map<Long, Integer> held = table.counts(0, table.copies());
    Map<Long, Integer> first = table.counts(0, Math.min(1, table.copies()));
    List<Load> loads = new ArrayList<>();
    for (int i = 0; i < shares.length; i++) {
      RingServer server = servers.get(i);
      loads.add(
          new Load(
              server,
              held.getOrDefault(server.id(), 0),
              first.getOrDefault(server.id(), 0),
              shares[i]));
    }
    return new RingBalance(
        List.copyOf(loads),
        loads.stream().mapToDouble(Load::ratio).max().orElse(1),
        loads.stream().allMatch(Load::even));
  }
}
