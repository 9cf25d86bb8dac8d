package dev.henge.server.eventual;

import dev.henge.replication.replica.KeyspaceReplica;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Whether writers of this node's copies were held up since somebody last asked.
///
/// - Threads: any.
final class Stalls implements BooleanSupplier {
  private final Supplier<Map<Integer, KeyspaceReplica>> replicas;

  // guarded by this
  private long known;

  Stalls(Supplier<Map<Integer, KeyspaceReplica>> replicas) {
    this.replicas = replicas;
  }

  @Override
  public synchronized boolean getAsBoolean() {
    long now =
        replicas.get().values().stream()
            .mapToLong(replica -> replica.engine().statistics().stallNanos())
            .sum();
    boolean stalled = now > known;
    known = now;
    return stalled;
  }
}
