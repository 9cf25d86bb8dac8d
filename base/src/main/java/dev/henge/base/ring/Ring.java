package dev.henge.base.ring;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/// The places of servers and slots on a circle of 2^64 positions.
///
/// A server has virtual nodes in proportion to its capacity, at positions that follow from its id
/// and their number: more capacity adds some and leaves the others where they are. Slot `i` lies at
/// `i * 2^50`.
///
/// - Cost: 64 to 128 virtual nodes a server on average; a distance is one binary search.
/// - Threads: immutable.
/// - Source: Karger et al., "Consistent Hashing and Random Trees" (1997); virtual nodes as in
///   DeCandia et al., "Dynamo" (2007), section 4.2.
final class Ring {
  /// Virtual nodes of a server of capacity 1, where capacities are 1 on average; all are divided by
  /// a power of two where they are given in another unit. All nodes must agree: never change.
  private static final int NODES_PER_CAPACITY = 64;

  private static final int NODES_MAX = 4096;

  private record Node(long position, int server) {}

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final long slotDistance;

  /// Of each server, ascending as unsigned numbers.
  private final long[][] positions;

  /// All of them, clockwise.
  private final Node[] nodes;

  /// @param slots a power of two
  Ring(List<RingServer> servers, int slots) {
    slotDistance = Long.divideUnsigned(-1L, slots) + 1;
    double mean = servers.stream().mapToDouble(RingServer::capacity).sum() / servers.size();
    double unit = Math.scalb(1.0, Math.getExponent(mean));
    positions = servers.stream().map(server -> positions(server, unit)).toArray(long[][]::new);
    var all = new ArrayList<Node>();
    for (int server = 0; server < positions.length; server++) {
      for (long position : positions[server]) {
        all.add(new Node(position, server));
      }
    }
    all.sort(
        Comparator.comparing(Node::position, Long::compareUnsigned).thenComparingInt(Node::server));
    nodes = all.toArray(Node[]::new);
  }

  /// The first server clockwise from `slot` that is `wanted`; -1 where none is.
  int next(int slot, IntPredicate wanted) {
    long from = slot * slotDistance;
    int low = 0;
    int high = nodes.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(nodes[middle].position, from) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    for (int i = 0; i < nodes.length; i++) {
      int server = nodes[(low + i) % nodes.length].server;
      if (wanted.test(server)) {
        return server;
      }
    }
    return -1;
  }

  /// How far from `slot`, clockwise, the next virtual node of a server lies; unsigned.
  ///
  /// @param server its place in the list that the ring was made of
  long distance(int slot, int server) {
    long from = slot * slotDistance;
    long[] own = positions[server];
    int low = 0;
    int high = own.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(own[middle], from) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return own[low == own.length ? 0 : low] - from;
  }

  /// The slots that lie before the virtual nodes of `server`, in turn: the nearest of each, the
  /// second nearest of each, and so on, every slot once.
  int[] slotsBefore(int server, int slots) {
    long[] own = positions[server];
    var found = new int[slots];
    var seen = new boolean[slots];
    int count = 0;
    for (int back = 0; count < slots; back++) {
      for (int i = 0; i < own.length && count < slots; i++) {
        int slot = (int) Long.divideUnsigned(own[i], slotDistance) - back & slots - 1;
        if (!seen[slot]) {
          seen[slot] = true;
          found[count++] = slot;
        }
      }
    }
    return found;
  }

  private static long[] positions(RingServer server, double unit) {
    double wanted = Math.rint(NODES_PER_CAPACITY * server.capacity() / unit);
    var own = new long[(int) Math.max(1, Math.min(NODES_MAX, wanted))];
    for (int i = 0; i < own.length; i++) {
      own[i] = mix(mix(server.id() + GOLDEN) + i * GOLDEN) ^ Long.MIN_VALUE;
    }
    Arrays.sort(own);
    for (int i = 0; i < own.length; i++) {
      own[i] ^= Long.MIN_VALUE; // sorted as unsigned numbers
    }
    return own;
  }

  /// The finalizer of MurmurHash3 in Stafford's variant 13.
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
