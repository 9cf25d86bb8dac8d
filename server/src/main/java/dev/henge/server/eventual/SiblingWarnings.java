package dev.henge.server.eventual;

import dev.henge.base.Clock;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.replica.KeyspaceReplica;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells people that keys gather concurrent versions: nobody merges them.
///
/// - Bound: a line in the log each [#EVERY] at most.
/// - Threads: any.
final class SiblingWarnings {
  private static final Logger LOG = LoggerFactory.getLogger(SiblingWarnings.class);
  private static final Duration EVERY = Duration.ofSeconds(10);

  private final Clock clock;
  private final LongAdder count = new LongAdder();
  private final AtomicLong nextNanos;

  SiblingWarnings(Clock clock) {
    this.clock = clock;
    this.nextNanos = new AtomicLong(clock.monotonicNanos());
  }

  /// Writes that left many siblings, since the start.
  long count() {
    return count.sum();
  }

  /// A write left `versions`.
  void consider(Asking asking, byte[] key, Versions versions) {
    long siblings =
        versions.siblings().stream().filter(each -> each.kind() == Version.Kind.STRING).count();
    if (siblings < KeyspaceReplica.SIBLINGS_WARNING) {
      return;
    }
    count.increment();
    long now = clock.monotonicNanos();
    long next = nextNanos.get();
    if (now - next >= 0 && nextNanos.compareAndSet(next, now + EVERY.toNanos())) {
      LOG.warn(
          "key {} of keyspace '{}' has {} concurrent versions, and {} are refused: its writers"
              + " should read it, merge what they find, and write with the context of that answer",
          EventualFailures.shown(key),
          asking.keyspace(),
          siblings,
          KeyspaceReplica.SIBLINGS_MAX + 1);
    }
  }
}
