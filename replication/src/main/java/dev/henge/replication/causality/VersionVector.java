package dev.henge.replication.causality;

import dev.henge.base.Invariant;
import java.util.Arrays;

/// A set of writes of one key that has no gaps: of each replica, all that it made up to one.
///
/// This is what a client hands back to say what it has seen, and what two copies compare.
///
/// - Shape: two arrays, by replica ascending; 16 bytes a replica. Replicas are the servers that
///   hold copies, not clients, so that there are few.
/// - Threads: immutable.
/// - Source: Parker et al., "Detection of Mutual Inconsistency in Distributed Systems" (1983).
public final class VersionVector {
  /// No writes.
  public static final VersionVector EMPTY = new VersionVector(new long[0], new long[0]);

  /// How two vectors relate.
  public enum Order {
    EQUAL,
    /// All of this one's writes are in the other, which has more.
    BEFORE,
    /// The other way round.
    AFTER,
    /// Each has a write that the other has not.
    CONCURRENT
  }

  private final long[] replicas;
  private final long[] counters;

  private VersionVector(long[] replicas, long[] counters) {
    this.replicas = replicas;
    this.counters = counters;
  }

  /// @param replicas ascending, each once; owned by the vector from now on, as the other array
  /// @param counters of each, from 1
  static VersionVector of(long[] replicas, long[] counters) {
    for (int i = 0; i < replicas.length; i++) {
      Invariant.check(i == 0 || replicas[i - 1] < replicas[i], "replicas ascend");
      Invariant.check(counters[i] > 0, "counters begin at 1");
    }
    return new VersionVector(replicas, counters);
  }

  /// How many replicas it names.
  public int size() {
    return replicas.length;
  }

  public long replica(int index) {
    return replicas[index];
  }

  /// The highest counter of the replica there.
  public long counterAt(int index) {
    return counters[index];
  }

  /// Where `replica` stands; negative where it does not.
  int indexOf(long replica) {
    return Arrays.binarySearch(replicas, replica);
  }

  /// The highest counter of `replica` whose write it holds; 0 for none.
  public long counter(long replica) {
    int index = indexOf(replica);
    return index < 0 ? 0 : counters[index];
  }

  public boolean contains(Dot dot) {
    return counter(dot.replica()) >= dot.counter();
  }

  /// Whether every write of `other` is in this one.
  public boolean descends(VersionVector other) {
    for (int i = 0; i < other.replicas.length; i++) {
      if (counter(other.replicas[i]) < other.counters[i]) {
        return false;
      }
    }
    return true;
  }

  public Order compare(VersionVector other) {
    boolean here = descends(other);
    boolean there = other.descends(this);
    if (here) {
      return there ? Order.EQUAL : Order.AFTER;
    }
    return there ? Order.BEFORE : Order.CONCURRENT;
  }

  /// These writes, and all of the dot's replica up to it.
  public VersionVector with(Dot dot) {
    int at = indexOf(dot.replica());
    if (at >= 0) {
      if (counters[at] >= dot.counter()) {
        return this;
      }
      long[] raised = counters.clone();
      raised[at] = dot.counter();
      return new VersionVector(replicas, raised);
    }
    int place = -at - 1;
    return new VersionVector(
        inserted(replicas, place, dot.replica()), inserted(counters, place, dot.counter()));
  }

  /// These writes without the dot, and without what its replica wrote after it.
  public VersionVector without(Dot dot) {
    int at = indexOf(dot.replica());
    if (at < 0 || counters[at] < dot.counter()) {
      return this;
    }
    if (dot.counter() > 1) {
      long[] lowered = counters.clone();
      lowered[at] = dot.counter() - 1;
      return new VersionVector(replicas, lowered);
    }
    return new VersionVector(removed(replicas, at), removed(counters, at));
  }

  private static long[] removed(long[] numbers, int place) {
    var shorter = new long[numbers.length - 1];
    System.arraycopy(numbers, 0, shorter, 0, place);
    System.arraycopy(numbers, place + 1, shorter, place, shorter.length - place);
    return shorter;
  }

  private static long[] inserted(long[] numbers, int place, long number) {
    var longer = new long[numbers.length + 1];
    System.arraycopy(numbers, 0, longer, 0, place);
    longer[place] = number;
    System.arraycopy(numbers, place, longer, place + 1, numbers.length - place);
    return longer;
  }

  /// The writes of both.
  public VersionVector merge(VersionVector other) {
    if (other.size() == 0 || this == other) {
      return this;
    }
    if (size() == 0) {
      return other;
    }
    var mergedReplicas = new long[replicas.length + other.replicas.length];
    var mergedCounters = new long[mergedReplicas.length];
    int count = 0;
    int left = 0;
    int right = 0;
    while (left < replicas.length || right < other.replicas.length) {
      boolean takeLeft =
          right == other.replicas.length
              || (left < replicas.length && replicas[left] <= other.replicas[right]);
      boolean takeRight =
          left == replicas.length
              || (right < other.replicas.length && other.replicas[right] <= replicas[left]);
      mergedReplicas[count] = takeLeft ? replicas[left] : other.replicas[right];
      mergedCounters[count++] =
          Math.max(takeLeft ? counters[left] : 0, takeRight ? other.counters[right] : 0);
      left += takeLeft ? 1 : 0;
      right += takeRight ? 1 : 0;
    }
    return new VersionVector(
        Arrays.copyOf(mergedReplicas, count), Arrays.copyOf(mergedCounters, count));
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof VersionVector other
        && Arrays.equals(replicas, other.replicas)
        && Arrays.equals(counters, other.counters);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(replicas) + Arrays.hashCode(counters);
  }

  /// `{replica:counter ...}`.
  @Override
  public String toString() {
    var text = new StringBuilder("{");
    for (int i = 0; i < replicas.length; i++) {
      text.append(i == 0 ? "" : " ").append(replicas[i]);
      text.append(':').append(counters[i]);
    }
    return text.append('}').toString();
  }
}
