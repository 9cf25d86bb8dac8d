package dev.henge.replication.replica;

import dev.henge.base.Invariant;
import dev.henge.replication.causality.Dot;
import java.util.concurrent.atomic.AtomicLong;

/// Names for the writes that this node coordinates.
///
/// - Shape: the node's incarnation in the upper bits, a count from 1 in the lower 40. An
///   incarnation is durable before the node does anything with it and the next start has a higher
///   one, so that no name is given twice, also where writes of the last moments before a crash are
///   lost.
/// - Threads: safe from any thread.
public final class Dots {
  private static final int COUNT_BITS = 40;

  private final long replica;
  private final AtomicLong last;

  /// @param replica this node's [ReplicaId]
  /// @param incarnation of this start, from 0; below 2^22
  public Dots(long replica, long incarnation) {
    Invariant.check(
        incarnation >= 0 && incarnation < 1L << (62 - COUNT_BITS),
        "a node can be started four million times");
    this.replica = replica;
    this.last = new AtomicLong(incarnation << COUNT_BITS);
  }

  public long replica() {
    return replica;
  }

  /// A name never given before.
  public Dot next() {
    return new Dot(replica, last.incrementAndGet());
  }

  /// Whether this node, in any of its lives up to now, can have given `counter`.
  boolean canHaveGiven(long counter) {
    return counter <= last.get();
  }
}
