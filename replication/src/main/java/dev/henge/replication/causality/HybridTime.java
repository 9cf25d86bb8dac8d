package dev.henge.replication.causality;

import dev.henge.base.Invariant;
import java.util.Comparator;

/// When a write happened, for keyspaces in which the latest wins: wall time, a count for what
/// happens within one millisecond or while the wall clock stands behind, and the replica where both
/// are equal. No two writes have the same.
///
/// @param millis wall time, since 1970, below 2^48
/// @param count below 2^16
/// @param replica that gave it
public record HybridTime(long millis, int count, long replica) implements Comparable<HybridTime> {
  static final long MILLIS_MAX = (1L << 48) - 1;
  static final int COUNT_MAX = (1 << 16) - 1;

  private static final Comparator<HybridTime> ORDER =
      Comparator.comparingLong(HybridTime::packed).thenComparingLong(HybridTime::replica);

  public HybridTime {
    Invariant.check(millis >= 0 && millis <= MILLIS_MAX, "wall time has 48 bits");
    Invariant.check(count >= 0 && count <= COUNT_MAX, "a count has 16 bits");
  }

  /// @param packed as from [#packed]
  static HybridTime of(long packed, long replica) {
    return new HybridTime(packed >>> 16, (int) packed & COUNT_MAX, replica);
  }

  /// Time and count in one number, without sign; ordered as they are up to the year 6429.
  long packed() {
    return millis << 16 | count;
  }

  @Override
  public int compareTo(HybridTime other) {
    return ORDER.compare(this, other);
  }
}
