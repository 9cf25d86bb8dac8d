package dev.henge.server.cluster;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Which members can be reached, as far as this node has seen.
///
/// - Threads: any.
final class Contacts {
  // Bounded by the number of members.
  private final Map<Long, Boolean> reachable = new ConcurrentHashMap<>();

  void heard(long member) {
    reachable.put(member, true);
  }

  void lost(long member) {
    reachable.put(member, false);
  }

  boolean isReachable(long member) {
    return reachable.getOrDefault(member, false);
  }
}
