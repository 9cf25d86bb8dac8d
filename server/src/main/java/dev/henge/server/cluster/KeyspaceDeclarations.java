package dev.henge.server.cluster;

import dev.henge.base.Clock;
import dev.henge.base.Threads;
import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.GroupRuntime;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.consensus.metadata.MetadataOutcome;
import dev.henge.consensus.metadata.RingRules;
import dev.henge.server.store.Catalog;
import dev.henge.server.store.DeclareOutcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/// Makes keyspaces: asks the metadata's leader, and waits until what it made is served.
///
/// - Threads: any; nothing blocks.
final class KeyspaceDeclarations {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private final long self;
  private final ClusterMap map;
  private final Catalog catalog;
  private final GroupRuntime runtime;
  private final MetadataClient client;
  private final Clock clock;
  private final Threads threads;
  private final Threads.Pool pool;

  KeyspaceDeclarations(
      long self,
      ClusterMap map,
      Catalog catalog,
      GroupRuntime runtime,
      MetadataClient client,
      Clock clock,
      Threads threads,
      Threads.Pool pool) {
    this.self = self;
    this.map = map;
    this.catalog = catalog;
    this.runtime = runtime;
    this.client = client;
    this.clock = clock;
    this.threads = threads;
    this.pool = pool;
  }

  /// Makes the keyspace `name` where it is not there yet.
  CompletableFuture<DeclareOutcome> declare(String name, KeyspaceDeclaration declaration) {
    if (declaration.isEventual() && map.metadata().keyspace(name).isEmpty()) {
      Optional<String> refusal = RingRules.refusal(map.metadata(), declaration.replication());
      if (refusal.isPresent()) {
        return CompletableFuture.completedFuture(new DeclareOutcome.Impossible(refusal.get()));
      }
    }
    var request = new DeclarationRequest(name, declaration, catalog.options().namedMost());
    return client
        .ask(Services.DECLARE, request.encode(), PATIENCE)
        .handle((outcome, error) -> error == null ? outcome : unavailable(error))
        .thenCompose(outcome -> outcome(request, outcome));
  }

  private static MetadataOutcome unavailable(Throwable error) {
    return new MetadataOutcome.Refused(
        0, MetadataOutcome.Refusal.STALE, String.valueOf(error.getMessage()));
  }

  private CompletableFuture<DeclareOutcome> outcome(
      DeclarationRequest request, MetadataOutcome outcome) {
    if (outcome instanceof MetadataOutcome.Refused refused) {
      return CompletableFuture.completedFuture(
          switch (refused.refusal()) {
            case DIFFERS -> new DeclareOutcome.Differs(refused.text());
            case NOT_SERVED -> new DeclareOutcome.NotYet(refused.text());
            case TOO_MANY -> new DeclareOutcome.TooMany(request.most());
            case INVALID -> new DeclareOutcome.Impossible(refused.text());
            default -> new DeclareOutcome.Unavailable(refused.text());
          });
    }
    var wait = new Wait(request.name(), outcome instanceof MetadataOutcome.Changed);
    wait.again(Duration.ZERO);
    return wait.result;
  }

  /// Looks until a keyspace is served.
  private final class Wait implements Runnable {
    private final String name;
    private final boolean created;
    private final long endNanos = clock.monotonicNanos() + PATIENCE.toNanos();
    private final CompletableFuture<DeclareOutcome> result = new CompletableFuture<>();

    Wait(String name, boolean created) {
      this.name = name;
      this.created = created;
    }

    @Override
    public void run() {
      Optional<DeclaredKeyspace> keyspace = catalog.declared(name);
      if (keyspace.isPresent() && isServed(keyspace.get())) {
        result.complete(
            created
                ? new DeclareOutcome.Created(keyspace.get())
                : new DeclareOutcome.Existing(keyspace.get()));
      } else if (clock.monotonicNanos() > endNanos) {
        result.complete(
            new DeclareOutcome.Unavailable(
                "keyspace '" + name + "' is declared, but not served yet"));
      } else {
        again(LOOK_EVERY);
      }
    }

    void again(Duration delay) {
      try {
        if (delay.isZero()) {
          pool.execute(this);
        } else {
          threads.after(delay, pool, this);
        }
      } catch (RejectedExecutionException closing) {
        result.complete(new DeclareOutcome.Unavailable("the node is closing"));
      }
    }
  }

  /// Whether every group of a keyspace is open here, or else where it should be, and led.
  private boolean isServed(DeclaredKeyspace keyspace) {
    for (GroupRecord group : map.routes().groups(keyspace.id())) {
      ConsensusGroup replica = runtime.group(group.id());
      if (group.form() == GroupRecord.Form.LOCAL) {
        if (group.owner() == self && catalog.local(group.id()) == null) {
          return false;
        }
      } else if (group.holders().contains(self)
          && (replica == null || replica.status().leader() == 0)) {
        return false;
      }
    }
    return true;
  }
}
