package dev.henge.consensus.group;

import dev.henge.base.Clock;
import java.util.concurrent.atomic.AtomicLong;

/// The time of one group, which follows the leader's wall clock and never goes back.
///
/// - Threads: any.
final class GroupTime {
  private final Clock clock;
  private final AtomicLong newest = new AtomicLong();

  GroupTime(Clock clock) {
    this.clock = clock;
  }

  /// An entry with this time was applied, or an image brought it.
  void observed(long millis) {
    if (millis > newest.get()) {
      newest.accumulateAndGet(millis, Math::max);
    }
  }

  /// Now, for a new entry or a leader's read: no later one is behind it.
  long next() {
    long wall = clock.wallMillis();
    long before = newest.get();
    return wall <= before ? before : newest.accumulateAndGet(wall, Math::max);
  }

  /// Now, without a promise about later ones.
  long now() {
    return Math.max(clock.wallMillis(), newest.get());
  }
}
