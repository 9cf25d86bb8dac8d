package dev.henge.replication.causality;

import dev.henge.base.Clock;
import java.util.concurrent.atomic.AtomicLong;

/// A clock whose times respect cause and effect: what it gives is above everything that it gave or
/// was shown, and as near to wall time as that allows.
///
/// - Shape: a time is one number: wall-clock milliseconds since the epoch in the upper 48 bits, in
///   the lower 16 a count for what happens within one millisecond or while the wall clock stands
///   behind; a full count goes over into the next millisecond. Two nodes can give the same time;
///   the replica decides then.
/// - Invariant: it is never more than `driftMillisMax` ahead of this machine's wall clock by what
///   others showed it: a time further ahead is refused, so that one broken clock does not take the
///   whole cluster into the future.
/// - Threads: safe from any thread.
/// - Source: Kulkarni, Demirbas, Madappa, Avva, Leone, "Logical Physical Clocks" (2014), figure 5.
public final class HybridClock {
  private static final int COUNT_BITS = 16;

  private final Clock clock;
  private final long driftMillisMax;
  private final AtomicLong last = new AtomicLong();

  /// @param driftMillisMax how far other machines' clocks may be ahead
  public HybridClock(Clock clock, long driftMillisMax) {
    this.clock = clock;
    this.driftMillisMax = driftMillisMax;
  }

  /// The wall-clock part of a time.
  public static long millis(long time) {
    return time >>> COUNT_BITS;
  }

  /// A time above all that was given or shown.
  public long next() {
    long wall = clock.wallMillis() << COUNT_BITS;
    return last.updateAndGet(before -> Math.max(wall, before + 1));
  }

  /// Takes note of a time that is among this node's own data already, however far ahead.
  public void passed(long time) {
    last.accumulateAndGet(time, Math::max);
  }

  /// Takes note of another replica's time.
  ///
  /// @return whether it was near enough; what came with one that is not must be refused
  public boolean observe(long time) {
    if (millis(time) - clock.wallMillis() > driftMillisMax) {
      return false;
    }
    passed(time);
    return true;
  }
}
