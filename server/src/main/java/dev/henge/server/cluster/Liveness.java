package dev.henge.server.cluster;

import dev.henge.base.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Which members are alive, as the leader of the metadata has heard: those that answered lately.
///
/// - Threads: any.
final class Liveness {
  /// A member that has not answered for so long counts as dead.
  static final Duration DEAD_AFTER = Duration.ofSeconds(3);

  /// A member that is to leave and has not answered for so long will not come to hand over what it
  /// held: whoever removes a dead member waits for that.
  static final Duration LOST_AFTER = Duration.ofSeconds(60);

  private final long self;
  private final ClusterMap map;
  private final Clock clock;

  // Bounded by the number of members.
  private final Map<Long, Long> answeredNanos = new ConcurrentHashMap<>();

  Liveness(long self, ClusterMap map, Clock clock) {
    this.self = self;
    this.map = map;
    this.clock = clock;
  }

  /// A new leader knows nothing bad of anybody.
  void presumeAll() {
    long now = clock.monotonicNanos();
    for (long member : map.metadata().members().keySet()) {
      answeredNanos.put(member, now);
    }
  }

  void answered(long member) {
    answeredNanos.put(member, clock.monotonicNanos());
  }

  /// Lets go of whoever is no member any more.
  void forgetOthers() {
    answeredNanos.keySet().retainAll(map.metadata().members().keySet());
  }

  /// Members heard of lately, this one among them.
  Set<Long> live() {
    return answeredWithin(DEAD_AFTER);
  }

  /// Members not heard of for long.
  Set<Long> lost() {
    var lost = new HashSet<>(map.metadata().members().keySet());
    lost.removeAll(answeredWithin(LOST_AFTER));
    return lost;
  }

  private Set<Long> answeredWithin(Duration span) {
    long now = clock.monotonicNanos();
    var found = new HashSet<Long>();
    for (long member : map.metadata().members().keySet()) {
      Long answered = answeredNanos.get(member);
      if (member == self || (answered != null && now - answered < span.toNanos())) {
        found.add(member);
      }
    }
    return found;
  }
}
