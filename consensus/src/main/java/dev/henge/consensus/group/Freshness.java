package dev.henge.consensus.group;

import dev.henge.base.Clock;
import dev.henge.base.Randomness;
import java.util.ArrayDeque;

/// For how long at most this replica has lacked anything that was acknowledged: what a stale read
/// reports.
///
/// A leader says which index held everything at a moment of which this replica's clock knows how
/// long it is ago: the replica puts a stamp on each answer to a heartbeat, and is told the newest
/// one that the leader had before it began a round that a quorum then answered. So no clock but the
/// own one counts, nor how long messages travel. What was told counts once the index is applied.
///
/// - Units: a stamp is a monotonic time, moved by a number drawn at the replica's start, so that
///   stamps of an earlier life are not taken for one of this. Ages are lengthened by the bound on
///   how much slower the own clock may run than others.
/// - Bounds: moments whose index is not applied yet; while there are as many, later ones are not
///   noted.
/// - Threads: any.
final class Freshness {
  /// The age of a replica that has not been told anything yet.
  static final long UNKNOWN = Long.MAX_VALUE;

  private static final int WAITING_MAX = 64;

  /// Everything acknowledged at `nanos` is at or before `index`.
  private record Moment(long index, long nanos) {}

  private final Clock clock;
  private final int driftPermille;
  private final long origin;
  private final long startNanos;

  // guarded by this: moments in their order, both of index and of time
  private final ArrayDeque<Moment> waiting = new ArrayDeque<>();
  private boolean known;
  private long freshNanos;

  Freshness(Clock clock, Randomness randomness, int driftPermille) {
    this.clock = clock;
    this.driftPermille = driftPermille;
    origin = randomness.nextLong();
    startNanos = clock.monotonicNanos();
  }

  /// Now, for answers to heartbeats that leave later.
  long stamp() {
    return clock.monotonicNanos() + origin;
  }

  /// Everything that was acknowledged when `stamp` was made is at or before `index`.
  ///
  /// @param index 0 for nothing told
  synchronized void told(long index, long stamp) {
    long nanos = stamp - origin;
    if (index == 0 || nanos - startNanos < 0 || clock.monotonicNanos() - nanos < 0) {
      return;
    }
    Moment last = waiting.peekLast();
    if (last == null ? known && nanos - freshNanos <= 0 : nanos - last.nanos <= 0) {
      return;
    }
    while (last != null && last.index >= index) {
      waiting.removeLast();
      last = waiting.peekLast();
    }
    if (waiting.size() < WAITING_MAX) {
      waiting.add(new Moment(index, nanos));
    }
  }

  /// Of a replica that has applied `appliedIndex`, rounded up; [#UNKNOWN] where nothing is known.
  synchronized long ageMillis(long appliedIndex) {
    Moment first = waiting.peekFirst();
    while (first != null && first.index <= appliedIndex) {
      known = true;
      freshNanos = first.nanos;
      waiting.removeFirst();
      first = waiting.peekFirst();
    }
    if (!known) {
      return UNKNOWN;
    }
    long nanos = Math.max(0, clock.monotonicNanos() - freshNanos);
    return 1 + (nanos + nanos / 1_000 * driftPermille) / 1_000_000;
  }
}
