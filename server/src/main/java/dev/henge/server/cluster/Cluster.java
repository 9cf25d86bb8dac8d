package dev.henge.server.cluster;

import dev.henge.base.Seams;
import dev.henge.base.Threads;
import dev.henge.consensus.metadata.Address;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.MetadataCommand;
import dev.henge.consensus.metadata.MetadataOutcome;
import dev.henge.consensus.metadata.Routes;
import dev.henge.server.eventual.EventualKeyspaces;
import dev.henge.server.eventual.Repair;
import dev.henge.server.peer.PeerCalls;
import dev.henge.server.store.Catalog;
import dev.henge.server.store.CatalogFile;
import dev.henge.server.store.ClusterFile;
import dev.henge.server.store.DataDirectory;
import dev.henge.server.store.DataDirectoryFiles;
import dev.henge.server.store.DeclarationRules;
import dev.henge.server.store.DeclareOutcome;
import dev.henge.server.store.LsmEngines;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A node's part in its cluster: founds it, joins it or comes back to it, and is from then on a
/// [LocalMember], which does everything that is asked for here.
///
/// - Order: a node that is a member already has its number as soon as [#Cluster] returns; one that
///   joins, when [#started] completes. Local groups are served from then on; replicated ones when
///   they have found their leaders.
/// - Threads: any. What changes replicas runs on one thread, which may block on the disk.
/// - Lifetime: owns the port and the member; the catalog and the directory outlive it.
public final class Cluster implements Groups, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
  private static final Duration CHANGE = Duration.ofSeconds(10);
  private static final int QUEUE_COUNT = 4096;
  private static final String NO_MEMBER = "this node is not a member yet";

  // immutable
  private final ClusterOptions options;
  private final Seams seams;
  private final DataDirectory directory;
  private final ClusterFile file;
  private final ClusterMap map = new ClusterMap();
  private final Threads.Pool pool;
  private final PeerPort port;
  private final Announcement announcement;
  private final LocalMember.Parts parts;
  private final CompletableFuture<Void> started = new CompletableFuture<>();

  private volatile @Nullable LocalMember member;

  // guarded by this
  private boolean closed;

  /// @param opener opens the port; what it gives is owned from then on
  public Cluster(
      ClusterOptions options,
      Seams seams,
      DataDirectory directory,
      Catalog catalog,
      LsmEngines engines,
      PeerPort.Opener opener)
      throws IOException {
    this.options = options;
    this.seams = seams;
    this.directory = directory;
    this.file = new ClusterFile(seams.disk(), directory.path());
    this.pool = seams.threads().pool("cluster", 1, QUEUE_COUNT);
    try {
      this.port = opener.open(map);
    } catch (IOException | RuntimeException e) {
      pool.close();
      throw e;
    }
    this.announcement = new Announcement(directory.nodeId(), options, port.address().port());
    this.parts =
        new LocalMember.Parts(
            options, seams, directory, catalog, engines, map, announcement, port, pool);
    try {
      Optional<ClusterFile.Membership> membership = file.read();
      if (membership.isPresent()) {
        begin(membership.get().startedAgain(), sameCluster(membership.get()));
      } else if (options.join().isEmpty()) {
        begin(found().startedAgain(), CompletableFuture.completedFuture(null));
      } else {
        join();
      }
    } catch (IOException | RuntimeException e) {
      try {
        close();
      } catch (IOException more) {
        e.addSuppressed(more);
      }
      throw e;
    }
  }

  /// Completes when this node is a member; fails with an [IOException] where it is not let in.
  public CompletableFuture<Void> started() {
    return started;
  }

  /// The newest metadata here.
  public ClusterMap map() {
    return map;
  }

  @Override
  public Routes routes() {
    return map.routes();
  }

  /// This node's number; 0 while it has none.
  @Override
  public long self() {
    LocalMember now = member;
    return now == null ? 0 : now.self();
  }

  @Override
  public boolean isRemoved() {
    return map.isRemoved();
  }

  @Override
  public boolean isRecognized() {
    LocalMember now = member;
    return now != null && now.isRecognized();
  }

  @Override
  public @Nullable Replica replica(long group) {
    LocalMember now = member;
    return now == null ? null : now.replica(group);
  }

  @Override
  public boolean isLost(long other) {
    LocalMember now = member;
    return now != null && now.isLost(other);
  }

  @Override
  public long silentMillis(long of) {
    LocalMember now = member;
    return now == null ? -1 : now.silentMillis(of);
  }

  /// Requests to other members.
  ///
  /// @throws IllegalStateException before the node is a member
  public PeerCalls calls() {
    LocalMember now = member;
    if (now == null) {
      throw new IllegalStateException(NO_MEMBER);
    }
    return now.calls();
  }

  /// The way to eventual keyspaces.
  ///
  /// @throws IllegalStateException before the node is a member
  public EventualKeyspaces eventual() {
    LocalMember now = member;
    if (now == null) {
      throw new IllegalStateException(NO_MEMBER);
    }
    return now.eventual();
  }

  /// Compares this node's copies of an eventual keyspace with all others, until they have the same.
  ///
  /// @return fails with an [IOException] before the node is a member
  public CompletableFuture<Repair> repair(int keyspaceId) {
    LocalMember now = member;
    if (now == null) {
      return CompletableFuture.failedFuture(new IOException(NO_MEMBER));
    }
    var done = new CompletableFuture<Repair>();
    now.eventual().repairNow(keyspaceId, done::complete);
    return done;
  }

  /// Where other members reach this node.
  public int peerPort() {
    return port.address().port();
  }

  /// Tells the cluster where this node's ports are, once they are open.
  public void announce(Address address) {
    announcement.at(address);
  }

  /// Why this node cannot do what it should; empty when it can.
  public String trouble() {
    LocalMember now = member;
    return now == null ? NO_MEMBER : now.reports().trouble();
  }

  /// What this node knows of itself.
  public NodeReport report() {
    LocalMember now = member;
    return now == null
        ? new NodeReport(0, map.epoch(), NO_MEMBER, List.of())
        : now.reports().report();
  }

  /// The cluster as everybody who answers within a second sees it.
  public CompletableFuture<ClusterStatus> status() {
    LocalMember now = member;
    return now == null
        ? CompletableFuture.completedFuture(
            new ClusterStatus(0, map.metadata(), Map.of(0L, report()), Map.of()))
        : now.reports().status();
  }

  /// Changes the metadata; see [MetadataClient#submit].
  public CompletableFuture<MetadataOutcome> change(MetadataCommand command) {
    LocalMember now = member;
    return now == null
        ? CompletableFuture.failedFuture(new IOException(NO_MEMBER))
        : now.client().submit(command, CHANGE);
  }

  /// Makes the keyspace `name` where it is not there yet, and waits until it is served.
  public CompletableFuture<DeclareOutcome> declare(String name, KeyspaceDeclaration declaration) {
    Optional<DeclareOutcome> refusal = DeclarationRules.refusal(name, declaration);
    if (refusal.isPresent()) {
      return CompletableFuture.completedFuture(refusal.get());
    }
    LocalMember now = member;
    return now == null
        ? CompletableFuture.completedFuture(new DeclareOutcome.Unavailable(NO_MEMBER))
        : now.declarations().declare(name, declaration);
  }

  /// Hands a group's leadership to `to`, wherever it is led.
  ///
  /// @return fails with an [IOException] where that was not begun
  public CompletableFuture<Void> transfer(long group, long to) {
    LocalMember now = member;
    return now == null
        ? CompletableFuture.failedFuture(new IOException(NO_MEMBER))
        : now.transfers().transfer(group, to);
  }

  /// Hands over whatever this node leads.
  ///
  /// @return completes when it leads nothing that another could lead, or after a moment
  public CompletableFuture<Void> drain() {
    var done = new CompletableFuture<Void>();
    LocalMember now = member;
    if (now == null) {
      done.complete(null);
    } else {
      now.drain(() -> done.complete(null));
    }
    return done;
  }

  /// Idempotent.
  @Override
  public void close() throws IOException {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    started.completeExceptionally(new IOException("the node is closing"));
    LocalMember begun = member;
    if (begun != null) {
      begun.stop();
    }
    pool.close();
    // Behind the pool's end: joining may have ended on it just now.
    LocalMember last = member;
    try {
      if (last != null) {
        last.close();
      }
    } finally {
      port.close();
    }
  }

  private ClusterFile.Membership found() throws IOException {
    return Founding.found(
        seams.disk(),
        directory,
        file,
        announcement.description(1),
        seams.clock(),
        seams.randomness());
  }

  private void join() throws IOException {
    if (seams.disk().exists(directory.path().resolve(DataDirectoryFiles.DATABASES))) {
      throw new IOException(
          directory.path()
              + " holds data of its own: two clusters never merge; join with an empty directory");
    }
    var ignored =
        Joining.join(
                port,
                Joining.target(options.join()),
                announcement.description(1),
                seams.threads(),
                pool)
            .whenComplete((metadata, error) -> {
              if (error != null) {
                started.completeExceptionally(error);
              } else {
                execute(() -> joined(metadata));
              }
            });
  }

  private void joined(Metadata metadata) {
    try {
      begin(
          Joining.joined(seams.disk(), directory, seams.clock(), metadata),
          CompletableFuture.completedFuture(null));
    } catch (IOException | RuntimeException e) {
      started.completeExceptionally(e);
    }
  }

  /// A member that is told to join: where that is another cluster's, it does not start.
  private CompletableFuture<Void> sameCluster(ClusterFile.Membership membership)
      throws IOException {
    return options.join().isEmpty()
        ? CompletableFuture.completedFuture(null)
        : Joining.check(port, Joining.target(options.join()), directory.nodeId(), membership);
  }

  /// @param allowed completes when this node may say that it has started
  private void begin(ClusterFile.Membership membership, CompletableFuture<Void> allowed)
      throws IOException {
    file.write(membership);
    CatalogFile.remove(seams.disk(), directory.path());
    if (membership.removed()) {
      map.remainsRemoved();
    }
    map.whenRemoved(() -> execute(() -> writeRemoval(membership)));
    var begun = new LocalMember(parts, membership);
    member = begun;
    begun.begin(() -> {
      var ignored =
          allowed.whenComplete((yes, error) -> {
            if (error == null) {
              started.complete(null);
            } else {
              started.completeExceptionally(error);
            }
          });
    });
  }

  private void writeRemoval(ClusterFile.Membership membership) {
    try {
      file.write(membership.ended());
    } catch (IOException e) {
      LOG.error("that this node was removed is not written down: it has to hear it again", e);
    }
  }

  private void execute(Runnable task) {
    try {
      pool.execute(task);
    } catch (RejectedExecutionException closing) {
      LOG.debug("the node is closing", closing);
    }
  }
}
