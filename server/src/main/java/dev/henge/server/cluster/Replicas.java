package dev.henge.server.cluster;

import dev.henge.base.Threads;
import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.GroupRuntime;
import dev.henge.consensus.log.LogStore;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.consensus.strong.StrongStateMachine;
import dev.henge.server.store.Catalog;
import dev.henge.server.store.Group;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The replicas of this node, kept as the metadata says: opened where this node holds one, turned
/// from local into replicated ones, and removed where nobody counts on them any more.
///
/// - Invariant: a replica is removed only when the metadata has a confirmed configuration without
///   this node, and no target since with it.
/// - Threads: [#reconcile] and what it calls on the cluster's one thread; lookups from any.
final class Replicas {
  private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  private final long self;
  private final ClusterMap map;
  private final Catalog catalog;
  private final GroupStores stores;
  private final RemovedReplicas removed;
  private final LogStore logs;
  private final GroupRuntime runtime;
  private final Threads threads;
  private final Threads.Pool pool;

  private final Map<Long, StrongStateMachine> machines = new ConcurrentHashMap<>();
  private final Map<Long, String> troubles = new ConcurrentHashMap<>();

  /// Replicas that ended by themselves: they stay so until the node starts again.
  private final Set<Long> stopped = ConcurrentHashMap.newKeySet();

  // owned by the cluster's thread
  private final Set<Long> ending = new HashSet<>();

  Replicas(
      long self,
      ClusterMap map,
      Catalog catalog,
      GroupStores stores,
      RemovedReplicas removed,
      LogStore logs,
      GroupRuntime runtime,
      Threads threads,
      Threads.Pool pool) {
    this.self = self;
    this.map = map;
    this.catalog = catalog;
    this.stores = stores;
    this.removed = removed;
    this.logs = logs;
    this.runtime = runtime;
    this.threads = threads;
    this.pool = pool;
  }

  /// What this node holds of a data group; null where that is nothing.
  @Nullable Replica replica(long group) {
    ConsensusGroup found = runtime.group(group);
    StrongStateMachine machine = machines.get(group);
    if (found != null && machine != null) {
      return new Replica.Replicated(found, machine);
    }
    Group local = catalog.local(group);
    return local == null ? null : new Replica.Local(local);
  }

  /// What is wrong with groups, a sentence each.
  List<String> troubles() {
    return List.copyOf(troubles.values());
  }

  /// A replica has ended by itself.
  void failed(long group, Throwable cause) {
    LOG.error("the replica of group {} has stopped", group, cause);
    stopped.add(group);
    troubles.put(group, "the replica of group " + group + " has stopped: " + cause.getMessage());
  }

  /// Does what the newest metadata wants; again and again without effect.
  void reconcile() {
    Metadata metadata = map.metadata();
    try {
      catalog.follow(metadata, self);
      troubles.remove(Metadata.METADATA_GROUP);
    } catch (IOException e) {
      LOG.error("a local group cannot be served", e);
      troubles.put(Metadata.METADATA_GROUP, "a local group cannot be served: " + e.getMessage());
      later(AFTER_FAILURE);
    }
    for (GroupRecord group : metadata.dataGroups()) {
      if (group.form() == GroupRecord.Form.REPLICATED && !ending.contains(group.id())) {
        try {
          settle(group, metadata);
        } catch (IOException | RuntimeException e) {
          LOG.error("group {} cannot be served", group.id(), e);
          troubles.put(group.id(), "group " + group.id() + " cannot be served: " + e.getMessage());
          later(AFTER_FAILURE);
        }
      }
    }
  }

  private void settle(GroupRecord group, Metadata metadata) throws IOException {
    boolean open = runtime.group(group.id()) != null;
    if (group.holders().contains(self)) {
      if (!open && !stopped.contains(group.id())) {
        open(group, metadata);
      }
    } else if (open || logs.group(group.id()) != null || stores.holds(group)) {
      end(group);
    }
  }

  private void open(GroupRecord group, Metadata metadata) throws IOException {
    boolean founding = group.change() == group.foundedChange();
    if (logs.group(group.id()) != null) {
      serve(group, stores.open(group, metadata), Opening.LEFT);
    } else if (founding && group.foundedChange() > 1 && group.owner() == self) {
      catalog.release(group, metadata);
      serve(group, stores.found(group, metadata), Opening.CONVERTED);
    } else if (founding && group.target().voters().contains(self)) {
      serve(group, stores.open(group, metadata), Opening.FOUNDED);
    } else if (group.target().contains(self)) {
      serve(
          group,
          stores.open(group, metadata),
          removed.contains(group.id()) ? Opening.AGAIN : Opening.EMPTY);
    }
  }

  private enum Opening {
    LEFT,
    CONVERTED,
    FOUNDED,
    EMPTY,
    /// As EMPTY, and there was a replica before.
    AGAIN
  }

  private void serve(GroupRecord group, StrongStateMachine machine, Opening how)
      throws IOException {
    long id = group.id();
    var voters = Configuration.ofVoters(group.target().voters());
    machines.put(id, machine);
    try {
      switch (how) {
        case LEFT -> runtime.open(id, machine);
        case CONVERTED -> runtime.create(id, new SnapshotMark(1, 1, voters), machine);
        case FOUNDED -> runtime.create(id, new SnapshotMark(0, 0, voters), machine);
        case EMPTY -> runtime.createEmpty(id, machine);
        case AGAIN -> runtime.createAgain(id, machine);
      }
    } catch (IOException | RuntimeException e) {
      machines.remove(id);
      machine.close();
      throw e;
    }
    troubles.remove(id);
    LOG.info("group {}: a replica is here ({})", id, how);
  }

  private void end(GroupRecord group) throws IOException {
    removed.add(group.id());
    LOG.info("group {}: nobody counts on the replica here any more, it is removed", group.id());
    ending.add(group.id());
    troubles.remove(group.id());
    runtime.remove(
        group.id(),
        () ->
            execute(() -> {
              machines.remove(group.id());
              ending.remove(group.id());
              try {
                stores.delete(group);
                reconcile();
              } catch (IOException e) {
                LOG.error("what is left of group {} cannot be removed", group.id(), e);
                troubles.put(group.id(), "group " + group.id() + ": " + e.getMessage());
                later(AFTER_FAILURE);
              }
            }));
  }

  private void later(Duration delay) {
    threads.after(delay, pool, this::reconcile);
  }

  private void execute(Runnable task) {
    try {
      pool.execute(task);
    } catch (RejectedExecutionException closing) {
      LOG.debug("the node is closing", closing);
    }
  }
}
