package dev.henge.replication.hot;

import dev.henge.base.Clock;
import dev.henge.replication.causality.Versions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What a node without a copy remembers of hot keys, for a moment: reads that ask for one copy, and
/// so for no freshness, are answered from here.
///
/// - Bounds: [#VALUES_MAX] keys of [#BYTES_MAX] each; older than [#AGE_MAX] is forgotten.
/// - Threads: any.
public final class HotValues {
  private static final int VALUES_MAX = 256;
  private static final int BYTES_MAX = 64 << 10;
  private static final Duration AGE_MAX = Duration.ofMillis(100);

  private record Remembered(Versions versions, long sinceNanos) {}

  private final Clock clock;
  private final Map<HotKeys.Key, Remembered> values = new ConcurrentHashMap<>();

  public HotValues(Clock clock) {
    this.clock = clock;
  }

  /// What is remembered of a key; null where nothing is.
  public @Nullable Versions get(int keyspaceId, byte[] key) {
    if (values.isEmpty()) {
      return null;
    }
    var hot = new HotKeys.Key(keyspaceId, key);
    Remembered found = values.get(hot);
    if (found == null) {
      return null;
    }
    if (clock.monotonicNanos() - found.sinceNanos > AGE_MAX.toNanos()) {
      values.remove(hot, found);
      return null;
    }
    return found.versions;
  }

  /// Remembers a hot key from now on.
  public void put(int keyspaceId, byte[] key, Versions versions) {
    long bytes = versions.siblings().stream().mapToLong(each -> each.payload().length).sum();
    if (bytes > BYTES_MAX) {
      return;
    }
    long now = clock.monotonicNanos();
    if (values.size() >= VALUES_MAX) {
      values.values().removeIf(old -> now - old.sinceNanos > AGE_MAX.toNanos());
    }
    if (values.size() < VALUES_MAX) {
      values.put(new HotKeys.Key(keyspaceId, key.clone()), new Remembered(versions, now));
    }
  }

  /// Forgets a key that is written through this node.
  public void forget(int keyspaceId, byte[] key) {
    if (!values.isEmpty()) {
      values.remove(new HotKeys.Key(keyspaceId, key));
    }
  }
}
