package dev.henge.base.ring;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The fewest copies that must move so that a table is spread and every load within its limits: a
/// flow of least cost from slots over data centres and racks to servers. Exact, and slow.
///
/// A limit from below is an edge that pays to be used; a copy that stays costs nothing.
final class LeastMoves {
  private static final long FORCED = -1_000_000;

  private record Edge(int to, long cost, int back) {}

  private final List<List<Edge>> edges = new ArrayList<>();
  private final List<List<Integer>> room = new ArrayList<>();
  private final int source = node();
  private final int sink = node();

  private LeastMoves() {}

  /// @param lows by server, as [Quotas#lows]
  /// @param highs likewise
  static long of(
      List<RingServer> servers, Copies copies, SlotTable before, int[] lows, int[] highs) {
    var flow = new LeastMoves();
    var spread = new Spread(servers, copies);
    var serverNodes = new int[servers.size()];
    for (int i = 0; i < serverNodes.length; i++) {
      serverNodes[i] = flow.node();
      flow.edge(serverNodes[i], flow.sink, lows[i], highs[i], 0);
    }
    for (int slot = 0; slot < before.slots(); slot++) {
      flow.place(flow.source, spread.root(), servers, serverNodes, before, slot);
    }
    return flow.leastCost();
  }

  private void place(
      int above, Place place, List<RingServer> servers, int[] nodes, SlotTable before, int slot) {
    if (place.isServer()) {
      boolean stays = before.holds(slot, servers.get(place.server).id());
      edge(above, nodes[place.server], 0, 1, stays ? 0 : 1);
      return;
    }
    int here = node();
    edge(above, here, place.least, place.most, 0);
    place.parts.forEach(part -> place(here, part, servers, nodes, before, slot));
  }

  private int node() {
    edges.add(new ArrayList<>());
    room.add(new ArrayList<>());
    return edges.size() - 1;
  }

  private void edge(int from, int to, int least, int most, long cost) {
    if (least > 0) {
      edge(from, to, least, cost + FORCED);
    }
    if (most > least) {
      edge(from, to, most - least, cost);
    }
  }

  private void edge(int from, int to, int capacity, long cost) {
    edges.get(from).add(new Edge(to, cost, edges.get(to).size()));
    room.get(from).add(capacity);
    edges.get(to).add(new Edge(from, -cost, edges.get(from).size() - 1));
    room.get(to).add(0);
  }

  /// Augments along the cheapest paths; what is left of the sum beside the forced edges is moves.
  private long leastCost() {
    long cost = 0;
    while (true) {
      var distance = new long[edges.size()];
      Arrays.fill(distance, Long.MAX_VALUE);
      distance[source] = 0;
      Map<Integer, int[]> by = new HashMap<>();
      var queue = new ArrayDeque<>(List.of(source));
      while (!queue.isEmpty()) {
        int from = queue.remove();
        for (int i = 0; i < edges.get(from).size(); i++) {
          Edge edge = edges.get(from).get(i);
          if (room.get(from).get(i) > 0 && distance[from] + edge.cost < distance[edge.to]) {
            distance[edge.to] = distance[from] + edge.cost;
            by.put(edge.to, new int[] {from, i});
            queue.add(edge.to);
          }
        }
      }
      if (distance[sink] == Long.MAX_VALUE) {
        return Math.floorMod(cost, -FORCED);
      }
      cost += distance[sink];
      for (int at = sink; at != source; ) {
        int[] step = Objects.requireNonNull(by.get(at));
        Edge edge = edges.get(step[0]).get(step[1]);
        room.get(step[0]).set(step[1], room.get(step[0]).get(step[1]) - 1);
        room.get(edge.to).set(edge.back, room.get(edge.to).get(edge.back) + 1);
        at = step[0];
      }
    }
  }
}
