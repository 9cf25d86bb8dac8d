package dev.henge.server.cluster;

import dev.henge.base.CorruptionException;
import dev.henge.base.Seams;
import dev.henge.base.Threads;
import dev.henge.consensus.group.GroupRuntime;
import dev.henge.consensus.group.PeerTransport;
import dev.henge.consensus.log.LogStore;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.MetadataStateMachine;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.replication.membership.GossipOptions;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.server.eventual.EventualMember;
import dev.henge.server.eventual.ReplicaFile;
import dev.henge.server.membership.Membership;
import dev.henge.server.peer.PeerCalls;
import dev.henge.server.peer.PeerIdentity;
import dev.henge.server.store.Catalog;
import dev.henge.server.store.ClusterFile;
import dev.henge.server.store.DataDirectory;
import dev.henge.server.store.LsmEngines;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node once it knows which member it is: its log, its replicas, what it follows and what it
/// does for the others.
///
/// - Order: the last copy of the metadata is followed first, so that local groups are served; then
///   the log is opened and the node can be reached; then the replica of the metadata is opened, and
///   [#begin] those of the data.
/// - Threads: any. What changes replicas runs on the pool's one thread, which may block.
/// - Lifetime: owns the log, the calls and the replicas. [#stop] comes first, then the pool ends,
///   then [#close]: nothing changes replicas that are being closed.
final class LocalMember implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalMember.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  /// Flushes that wait: one for each group.
  private static final int FLUSH_COUNT = 4096;

  /// What a member is made of; all of it outlives the member.
  ///
  /// @param pool of one thread, the cluster's
  record Parts(
      ClusterOptions options,
      Seams seams,
      DataDirectory directory,
      Catalog catalog,
      LsmEngines engines,
      ClusterMap map,
      Announcement announcement,
      PeerPort port,
      Threads.Pool pool) {}

  // immutable
  private final Parts parts;
  private final long self;
  private final LogStore logs;
  private final Threads.Pool flushPool;
  private final PeerCalls calls;
  private final Contacts contacts;
  private final Probing probing;
  private final Membership liveness;
  private final GroupRuntime runtime;
  private final MetadataStateMachine metadata;
  private final MetadataClient client;
  private final Replicas replicas;
  private final EventualMember eventual;
  private final Duties duties;
  private final Steward steward;
  private final KeyspaceDeclarations declarations;
  private final LeadershipTransfers transfers;
  private final StatusReports reports;

  private volatile Threads.@Nullable Timer looking;

  /// Opens what is there of `membership`, which is written down already, but no replica.
  LocalMember(Parts parts, ClusterFile.Membership membership) throws IOException {
    this.parts = parts;
    self = membership.member();
    Seams seams = parts.seams;
    Path directory = parts.directory.path();
    ClusterMap map = parts.map;
    ClusterOptions options = parts.options;
    metadata = MetadataStateMachine.open(seams.disk(), Founding.metadata(directory));
    if (!metadata.metadata().clusterId().equals(membership.clusterId())) {
      throw new CorruptionException(
          Founding.metadata(directory).toString(),
          0,
          "cluster " + membership.clusterId() + " expected, found " + metadata.metadata());
    }
    map.follow(metadata.metadata());
    parts.catalog.follow(metadata.metadata(), self);
    var removed = new RemovedReplicas(seams.disk(), directory);
    ReplicaFile replicaFile = ReplicaFile.begin(seams.disk(), directory);
    logs =
        LogStore.open(
            seams.disk(), directory.resolve(LogStore.DIRECTORY), seams.threads(), options.log());
    // Nothing below fails: what is open is this object's to close.
    logs.damage().forEach(damage -> LOG.error("the log is damaged", damage));
    flushPool = seams.threads().pool("group-flush", 2, FLUSH_COUNT);
    parts.port.identify(
        new PeerIdentity(
            membership.clusterId(),
            self,
            parts.directory.nodeId(),
            membership.incarnation(),
            parts.port.address()));
    calls =
        new PeerCalls(
            parts.port.transport(),
            seams.clock(),
            seams.threads(),
            parts.pool,
            membership.incarnation());
    PeerTransport transport = calls.others();
    var failed = new StoppedReplicas();
    runtime =
        new GroupRuntime(
            new GroupRuntime.Parts(
                self,
                logs,
                transport,
                seams.threads(),
                options.threadCount(),
                seams.clock(),
                seams.randomness(),
                options.groups(),
                options.cores(),
                failed::failed));
    liveness =
        new Membership(
            GossipOptions.USUAL,
            self,
            membership.incarnation(),
            Services.GOSSIP,
            calls,
            () -> map.metadata().members().keySet(),
            seams);
    contacts = new Contacts(seams.clock());
    probing = new Probing(self, map, calls, contacts, seams.clock());
    transport.onReceive((from, message) -> {
      probing.heard(from);
      runtime.receive(from, message);
    });
    transport.onUnreachable(member -> {
      contacts.lost(member);
      liveness.unreachable(member);
      runtime.unreachable(member);
    });
    client =
        new MetadataClient(
            self, runtime, calls, map, seams.clock(), seams.threads(), parts.pool, liveness);
    var stores =
        new GroupStores(
            seams.disk(),
            directory,
            parts.engines,
            parts.catalog,
            seams.clock(),
            flushPool,
            options.room());
    replicas =
        new Replicas(
            self, map, parts.catalog, stores, removed, logs, runtime, seams.threads(), parts.pool);
    failed.replicas = replicas;
    eventual =
        new EventualMember(
            new EventualMember.Parts(
                self,
                membership.incarnation(),
                replicaFile,
                directory,
                parts.catalog.options().syncInterval(),
                parts.engines,
                KeyspaceReplica::new,
                calls,
                map::routes,
                liveness,
                seams));
    duties = new Duties(self, map, runtime, client, contacts, seams.clock());
    steward = new Steward(map, client, liveness);
    reports =
        new StatusReports(
            self, map, parts.catalog, logs, runtime, replicas, calls, probing, liveness);
    transfers =
        new LeadershipTransfers(
            self, runtime, calls, reports, seams.clock(), seams.threads(), parts.pool);
    declarations =
        new KeyspaceDeclarations(
            self, map, parts.catalog, runtime, client, seams.clock(), seams.threads(), parts.pool);
  }

  /// Opens the replicas and begins to look after everything.
  ///
  /// @param serving runs on the pool when local groups are served
  void begin(Runnable serving) throws IOException {
    metadata.listen(newer -> {
      parts.map.follow(newer);
      execute(this::reconcile);
    });
    openMetadata();
    Joining.serve(parts.port, client, parts.map);
    liveness.begin();
    looking = parts.seams.threads().every(LOOK_EVERY, parts.pool, this::look);
    parts.pool.execute(() -> {
      reconcile();
      serving.run();
    });
    Metadata known = parts.map.metadata();
    LOG.info("cluster {}: member {} of {}", known.clusterId(), self, known.members().keySet());
  }

  private void openMetadata() throws IOException {
    SnapshotMark mark = metadata.installedMark();
    if (logs.group(Metadata.METADATA_GROUP) != null) {
      runtime.open(Metadata.METADATA_GROUP, metadata);
    } else if (mark != null && mark.equals(Founding.mark())) {
      runtime.create(Metadata.METADATA_GROUP, mark, metadata);
    } else {
      runtime.createEmpty(Metadata.METADATA_GROUP, metadata);
    }
  }

  /// Does what the newest metadata wants. A keyspace is in the catalog when it can be used.
  private void reconcile() {
    follow();
    replicas.reconcile();
  }

  /// Opens eventual keyspaces that are new.
  private void follow() {
    try {
      eventual.follow(parts.map.metadata());
    } catch (IOException e) {
      LOG.error("an eventual keyspace cannot be opened; this node has no copies of it", e);
    }
  }

  private void look() {
    probing.look();
    duties.look();
    steward.look();
    parts.announcement.bring(self, parts.map, client);
  }

  long self() {
    return self;
  }

  PeerCalls calls() {
    return calls;
  }

  EventualMember eventual() {
    return eventual;
  }

  @Nullable Replica replica(long group) {
    return replicas.replica(group);
  }

  /// Whether this node may take itself for a member.
  boolean isRecognized() {
    return probing.isRecognized();
  }

  /// Whether the way to another member is broken.
  boolean isLost(long member) {
    return contacts.isLost(member);
  }

  /// Since another member was last heard of, in milliseconds; -1 where it cannot be reached.
  long silentMillis(long member) {
    return contacts.silentMillis(member);
  }

  MetadataClient client() {
    return client;
  }

  KeyspaceDeclarations declarations() {
    return declarations;
  }

  LeadershipTransfers transfers() {
    return transfers;
  }

  StatusReports reports() {
    return reports;
  }

  /// Hands over whatever is led here.
  ///
  /// @param done runs when nothing is led that another could lead, or after a moment
  void drain(Runnable done) {
    runtime.drain(done);
  }

  /// Gives the pool nothing more to do. Idempotent.
  void stop() {
    Threads.Timer timer = looking;
    if (timer != null) {
      timer.cancel();
    }
  }

  /// Ends the replicas, then the log that they have handed in to.
  @Override
  public void close() throws IOException {
    stop();
    liveness.close();
    calls.close();
    eventual.close();
    runtime.close();
    flushPool.close();
    logs.close();
  }

  private void execute(Runnable task) {
    try {
      parts.pool.execute(task);
    } catch (RejectedExecutionException closing) {
      LOG.debug("the node is closing", closing);
    }
  }

  /// Tells the replicas of a failure: they are made after the runtime.
  private static final class StoppedReplicas {
    private volatile @Nullable Replicas replicas;

    void failed(long group, Throwable cause) {
      Replicas known = replicas;
      if (known != null) {
        known.failed(group, cause);
      }
    }
  }
}
