package dev.henge.replication.causality;

import dev.henge.base.Clock;

/// A clock whose times respect cause and effect: what it gives is above everything that it gave or
/// was shown, and as near to wall time as that allows.
///
/// - Invariant: it is never more than `driftMillisMax` ahead of this machine's wall clock by what
///   others showed it: a time further ahead is refused, so that one broken clock does not take the
///   whole cluster into the future.
/// - Threads: safe from any thread.
/// - Source: Kulkarni, Demirbas, Madappa, Avva, Leone, "Logical Physical Clocks" (2014), figure 5.
public final class HybridClock {
  private final Clock clock;
  private final long replica;
  private final long driftMillisMax;

  /// The last time given or shown, packed. Guarded by this.
  private long last;

  /// @param driftMillisMax how far other machines' clocks may be ahead
  public HybridClock(Clock clock, long replica, long driftMillisMax) {
    this.clock = clock;
    this.replica = replica;
    this.driftMillisMax = driftMillisMax;
  }

  /// A time above all that was given or shown.
  public synchronized HybridTime next() {
    long wall = clock.wallMillis() << 16;
    // A full count goes over into the next millisecond.
    last = Math.max(wall, last + 1);
    return HybridTime.of(last, replica);
  }

  /// Takes note of another replica's time.
  ///
  /// @return whether it was near enough; what came with one that is not must be refused
  public synchronized boolean observe(HybridTime time) {
    if (time.millis() - clock.wallMillis() > driftMillisMax) {
      return false;
    }
    last = Math.max(last, time.packed());
    return true;
  }
}
