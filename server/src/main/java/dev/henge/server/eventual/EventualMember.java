package dev.henge.server.eventual;

import dev.henge.base.Seams;
import dev.henge.base.Threads;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.KeyspaceMode;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.Replication;
import dev.henge.consensus.metadata.RingRecord;
import dev.henge.consensus.metadata.Routes;
import dev.henge.data.ScanPosition;
import dev.henge.replication.hot.HotKeys;
import dev.henge.replication.hot.HotValues;
import dev.henge.replication.membership.Liveness;
import dev.henge.replication.quorum.Answer;
import dev.henge.replication.quorum.Coordinator;
import dev.henge.replication.quorum.Level;
import dev.henge.replication.quorum.Request;
import dev.henge.replication.replica.Dots;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.replication.replica.ReplicaFactory;
import dev.henge.replication.replica.ReplicaId;
import dev.henge.server.peer.PeerCalls;
import dev.henge.server.store.EngineFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a member of a cluster does for eventual keyspaces: its own copies, and the way to all
/// others.
///
/// - Threads: any; [#follow] and [#close] block on the disk.
/// - Lifetime: owns the copies and its pool; the calls outlive it.
public final class EventualMember implements EventualKeyspaces, AutoCloseable {
  /// Threads that may wait for the disk.
  private static final int THREADS = 4;

  private static final int QUEUE_COUNT = 16 << 10;

  /// What it is made of; all of it outlives the member.
  ///
  /// @param incarnation of this start
  /// @param file begun for this start; ended with the member
  /// @param directory the node's
  /// @param syncInterval where durability is `interval`
  public record Parts(
      long self,
      long incarnation,
      ReplicaFile file,
      Path directory,
      Duration syncInterval,
      EngineFactory engines,
      ReplicaFactory replicas,
      PeerCalls calls,
      Supplier<Routes> routes,
      Liveness liveness,
      Seams seams) {}

  private final Parts parts;
  private final Threads.Pool blocking;
  private final OwnReplicas replicas;
  private final RingPlacement placement;
  private final Hints hints;
  private final PeerReplicas remote;
  private final Coordinator coordinator;
  private final Coordination coordination;
  private final KeyWalks walks;
  private final Repairs repairs;
  private final HotKeys hotKeys;
  private boolean closed;

  public EventualMember(Parts parts) {
    this.parts = parts;
    Seams seams = parts.seams;
    long replica = ReplicaId.of(parts.self, parts.file.generation());
    blocking = seams.threads().pool("eventual", THREADS, QUEUE_COUNT);
    replicas =
        new OwnReplicas(
            seams.disk(),
            parts.directory,
            parts.engines,
            parts.replicas,
            new Dots(replica, parts.incarnation),
            seams.clock(),
            seams.threads(),
            blocking,
            parts.syncInterval);
    hotKeys = new HotKeys(seams.clock());
    placement = new RingPlacement(parts.routes);
    hints = new Hints(parts.directory, parts.engines, seams, blocking);
    remote = new PeerReplicas(parts.self, parts.calls, hints);
    new ReplicaService(replicas::replica, blocking, hints).serve(parts.calls);
    coordinator =
        new Coordinator(
            new Coordinator.Parts(
                parts.self,
                placement,
                parts.liveness,
                remote,
                seams.clock(),
                seams.threads(),
                blocking));
    coordination =
        new Coordination(
            new Coordination.Parts(
                parts.self,
                parts.calls,
                placement,
                parts.liveness,
                coordinator,
                replicas::replica,
                this::replication,
                hotKeys,
                new HotValues(seams.clock()),
                seams.randomness()));
    walks =
        new KeyWalks(
            parts.self,
            parts.calls,
            placement,
            parts.liveness,
            replicas::replica,
            seams.clock(),
            blocking);
    repairs =
        new Repairs(
            parts.self,
            placement,
            parts.liveness,
            replicas::replica,
            replicas::replicas,
            parts.calls,
            seams,
            blocking);
  }

  /// Opens what `metadata` has and is not open yet.
  public void follow(Metadata metadata) throws IOException {
    replicas.follow(metadata);
    if (!metadata.rings().isEmpty()) {
      repairs.begin(hints.open(parts.self, placement, parts.liveness, remote, replicas::replica));
    }
  }

  @Override
  public String clusterId() {
    return parts.routes.get().metadata().clusterId();
  }

  @Override
  public @Nullable EventualPolicy policy(int keyspaceId) {
    Replication replication = replication(keyspaceId);
    RingRecord ring = parts.routes.get().ring(keyspaceId);
    return replication == null || ring == null
        ? null
        : new EventualPolicy(
            replication.copies(),
            Level.of(replication.r(ring.copies())),
            Level.of(replication.w(ring.copies())),
            replication.quorum() == Replication.Quorum.STRICT,
            replication.conflicts() == Replication.Conflicts.LATEST);
  }

  @Override
  public void execute(
      int keyspaceId, byte[] key, Request request, long timeoutMillis, Consumer<Answer> done) {
    coordination.execute(keyspaceId, key, request, timeoutMillis, done);
  }

  @Override
  public void page(
      int keyspaceId, ScanPosition from, int count, long timeoutMillis, Consumer<KeysAnswer> done) {
    walks.page(keyspaceId, from, count, timeoutMillis, done);
  }

  @Override
  public void count(int keyspaceId, long timeoutMillis, Consumer<KeysAnswer> done) {
    walks.count(keyspaceId, timeoutMillis, done);
  }

  @Override
  public List<HotKeys.Rate> hotKeys(int count) {
    return hotKeys.top(count);
  }

  /// Members for whom this node keeps copies that they could not take.
  public long[] hintedMembers() {
    return hints.targets();
  }

  /// Compares this node's copies of a keyspace with those of every live member that shares slots,
  /// until all have the same or it is given up.
  ///
  /// @param done called once, on any thread; must not block
  public void repairNow(int keyspaceId, Consumer<Repair> done) {
    repairs.repairNow(keyspaceId, done);
  }

  /// This node's copies of a keyspace, as they are; null where it has none.
  public @Nullable KeyspaceReplica replica(int keyspaceId) {
    return replicas.replica(keyspaceId);
  }

  /// Idempotent.
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    coordinator.close();
    hints.stop();
    repairs.stop();
    blocking.close();
    hints.close();
    boolean sound = replicas.areWriting();
    replicas.close();
    if (sound) {
      parts.file.end();
    }
  }

  private @Nullable Replication replication(int keyspaceId) {
    DeclaredKeyspace keyspace = parts.routes.get().metadata().keyspaces().get(keyspaceId);
    return keyspace == null || keyspace.declaration().mode() != KeyspaceMode.EVENTUAL
        ? null
        : keyspace.declaration().replication();
  }
}
