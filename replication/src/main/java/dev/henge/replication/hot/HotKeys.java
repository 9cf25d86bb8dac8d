package dev.henge.replication.hot;

import dev.henge.base.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/// Which keys this node is asked for most, from one request in [#SAMPLE].
///
/// A key is hot when it makes [#HOT_PERCENT] or more of the node's requests of the last seconds,
/// and more than [#HOT_RATE] a second. Counts are halved every [#HALVE_NANOS].
///
/// - Cost: a request that is not sampled costs one atomic addition; one that is takes a lock for
///   less than a microsecond, or goes uncounted where another holds it.
/// - Threads: any.
public final class HotKeys {
  /// A key in its keyspace.
  @SuppressWarnings("ArrayRecordComponent") // equality below
  public record Key(int keyspaceId, byte[] key) {
    @Override
    public boolean equals(Object object) {
      return object instanceof Key(int otherId, byte[] otherKey)
          && keyspaceId == otherId
          && Arrays.equals(key, otherKey);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(key) + keyspaceId;
    }
  }

  /// A key and how often it is asked for.
  ///
  /// @param perSecond requests at this node, about
  /// @param percent of all of this node's
  public record Rate(Key key, double perSecond, double percent) {}

  private static final int SAMPLE = 16;
  private static final int KEYS = 256;
  private static final double HOT_PERCENT = 2;
  private static final double HOT_RATE = 200;
  private static final long HALVE_NANOS = 4_000_000_000L;

  /// A key that was found hot is for so long.
  private static final long HOT_NANOS = 2_000_000_000L;

  private final Clock clock;
  private final AtomicLong requests = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();

  /// Until when a key is hot. No more than 100 / [#HOT_PERCENT] are found at one time.
  private final Map<Key, Long> hotUntilNanos = new ConcurrentHashMap<>();

  // guarded by lock
  private final HeavyHitters<Key> hitters = new HeavyHitters<>(KEYS);
  private long sampled;
  private long halvedNanos;

  /// Since when what is counted was collected, in nanoseconds, halved with it.
  private double coveredNanos;

  public HotKeys(Clock clock) {
    this.clock = clock;
    this.halvedNanos = clock.monotonicNanos();
  }

  /// Counts a request.
  ///
  /// @param key borrowed; copied where it is kept
  /// @return whether the key is hot
  public boolean count(int keyspaceId, byte[] key) {
    if (requests.getAndIncrement() % SAMPLE == 0 && lock.tryLock()) {
      try {
        pass();
        sampled++;
        if (isHot(hitters.add(new Key(keyspaceId, key.clone())))) {
          hotUntilNanos.put(new Key(keyspaceId, key.clone()), clock.monotonicNanos() + HOT_NANOS);
        }
      } finally {
        lock.unlock();
      }
    }
    if (hotUntilNanos.isEmpty()) {
      return false;
    }
    Long until = hotUntilNanos.get(new Key(keyspaceId, key));
    return until != null && until - clock.monotonicNanos() > 0;
  }

  /// The keys asked for most, most first.
  public List<Rate> top(int count) {
    lock.lock();
    try {
      pass();
      double seconds = covered();
      return hitters.top(count).stream()
          .map(each -> {
            double certain = each.count() - each.overcount();
            return new Rate(
                each.thing(),
                certain * SAMPLE / seconds,
                sampled == 0 ? 0 : 100.0 * certain / sampled);
          })
          .filter(rate -> rate.perSecond() > 0)
          .toList();
    } finally {
      lock.unlock();
    }
  }

  private boolean isHot(long count) {
    return count * 100.0 >= HOT_PERCENT * sampled && count * SAMPLE >= HOT_RATE * covered();
  }

  private double covered() {
    return Math.max(1.0, (coveredNanos + (clock.monotonicNanos() - halvedNanos)) / 1e9);
  }

  private void pass() {
    long now = clock.monotonicNanos();
    while (now - halvedNanos >= HALVE_NANOS) {
      if (sampled == 0) {
        hotUntilNanos.clear();
        halvedNanos = now;
        coveredNanos = 0;
        return;
      }
      hotUntilNanos.values().removeIf(until -> until - now <= 0);
      halvedNanos += HALVE_NANOS;
      coveredNanos = (coveredNanos + HALVE_NANOS) / 2;
      sampled >>= 1;
      hitters.halve();
    }
  }
}
