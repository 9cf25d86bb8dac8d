package dev.henge.server.cluster;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.Seams;
import dev.henge.base.Threads;
import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.ConsensusGroup.GroupStatus;
import dev.henge.consensus.group.GroupRuntime;
import dev.henge.consensus.group.PeerTransport;
import dev.henge.consensus.log.LogStore;
import dev.henge.consensus.metadata.Address;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.FieldReader;
import dev.henge.consensus.metadata.FieldWriter;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.MetadataCommand;
import dev.henge.consensus.metadata.MetadataOutcome;
import dev.henge.consensus.metadata.MetadataStateMachine;
import dev.henge.consensus.metadata.NodeDescription;
import dev.henge.consensus.metadata.Planner;
import dev.henge.consensus.metadata.Routes;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.server.peer.PeerAddress;
import dev.henge.server.peer.PeerCalls;
import dev.henge.server.peer.PeerIdentity;
import dev.henge.server.store.Catalog;
import dev.henge.server.store.CatalogFile;
import dev.henge.server.store.DataDirectory;
import dev.henge.server.store.DeclarationFormat;
import dev.henge.server.store.DeclarationRules;
import dev.henge.server.store.DeclareOutcome;
import dev.henge.server.store.LsmEngines;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A node's part in its cluster: who it is, the metadata that it follows, its replicas, and what
/// leaders do.
///
/// - Order: a node that is a member already has its number as soon as [#Cluster] returns; one that
///   joins, when [#started] completes. Local groups are served from then on; replicated ones when
///   they have found their leaders.
/// - Threads: any. What changes replicas runs on one thread, which may block on the disk.
/// - Lifetime: owns the log, the replicas and the port; the catalog and the directory outlive it.
public final class Cluster implements Groups, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final Duration CHANGE = Duration.ofSeconds(10);
  private static final long REPORT_MILLIS = 1000;
  private static final int QUEUE_COUNT = 4096;

  // immutable
  private final ClusterOptions options;
  private final Seams seams;
  private final DataDirectory directory;
  private final Catalog catalog;
  private final LsmEngines engines;
  private final ClusterFile file;
  private final ClusterMap map = new ClusterMap();
  private final Contacts contacts;
  private final PeerPort port;
  private final Threads.Pool pool;
  private final Threads.Pool flushPool;
  private final CompletableFuture<Void> started = new CompletableFuture<>();

  private volatile @Nullable Running running;
  private volatile Address announced;
  private volatile boolean introducing;

  // guarded by this
  private boolean closed;

  /// Everything that a node has once it knows who it is.
  private record Running(
      long self,
      LogStore logs,
      PeerCalls calls,
      GroupRuntime runtime,
      MetadataClient client,
      Replicas replicas,
      Duties duties,
      Steward steward,
      List<Threads.Timer> timers) {}

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
    this.contacts = new Contacts(seams.clock());
    this.directory = directory;
    this.catalog = catalog;
    this.engines = engines;
    this.file = new ClusterFile(seams.disk(), directory.path());
    this.pool = seams.threads().pool("cluster", 1, QUEUE_COUNT);
    this.flushPool = seams.threads().pool("group-flush", 2, QUEUE_COUNT);
    PeerPort opened = null;
    try {
      opened = opener.open(map);
      this.port = opened;
      int resp = options.respPort();
      announced =
          new Address(
              options.host(),
              resp,
              resp == 0 ? 0 : resp + 1,
              port.address().port(),
              resp == 0 ? 0 : resp + 3);
      Optional<ClusterFile.Membership> membership = file.read();
      if (membership.isPresent()) {
        begin(membership.get().startedAgain());
      } else if (options.join().isEmpty()) {
        begin(
            Founding.found(
                    seams.disk(),
                    directory,
                    file,
                    description(1),
                    seams.clock(),
                    seams.randomness())
                .startedAgain());
      } else {
        join();
      }
    } catch (IOException | RuntimeException e) {
      if (opened != null) {
        opened.close();
      }
      closePools();
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
    Running now = running;
    return now == null ? 0 : now.self();
  }

  /// Requests to other members.
  ///
  /// @throws IllegalStateException before the node is a member
  public PeerCalls calls() {
    return running().calls();
  }

  @Override
  public @Nullable Replica replica(long group) {
    Running now = running;
    return now == null ? null : now.replicas().replica(group);
  }

  @Override
  public long silentMillis(long member) {
    return contacts.silentMillis(member);
  }

  /// Where other members reach this node.
  public int peerPort() {
    return port.address().port();
  }

  /// Tells the cluster where this node's ports are, once they are open.
  public void announce(Address address) {
    announced = address;
  }

  /// Why this node cannot do what it should; empty when it can.
  public String trouble() {
    Running now = running;
    if (now == null) {
      return "this node is not a member yet";
    }
    if (!catalog.healthy() || now.logs().stoppedBy() != null) {
      return "a log failed, writes have stopped";
    }
    if (now.logs().fullBy() != null) {
      return "the disk is full";
    }
    List<String> troubles = now.replicas().troubles();
    if (!troubles.isEmpty()) {
      return String.join("; ", troubles);
    }
    for (GroupRecord group : map.metadata().dataGroups()) {
      ConsensusGroup replica = now.runtime().group(group.id());
      if (replica != null && replica.status().leader() == 0) {
        return "group " + group.id() + " has no leader";
      }
    }
    return "";
  }

  /// What this node knows of itself.
  public NodeReport report() {
    var groups = new ArrayList<NodeReport.GroupReport>();
    Running now = running;
    if (now != null) {
      for (GroupRecord group : map.metadata().groups().values()) {
        ConsensusGroup replica = now.runtime().group(group.id());
        if (replica != null) {
          GroupStatus status = replica.status();
          groups.add(
              new NodeReport.GroupReport(
                  group.id(),
                  status.role(),
                  status.term(),
                  status.leader(),
                  status.commitIndex(),
                  status.appliedIndex(),
                  status.lastIndex()));
        } else if (group.form() == GroupRecord.Form.LOCAL && group.owner() == now.self()) {
          groups.add(
              new NodeReport.GroupReport(
                  group.id(), GroupStatus.Role.LEADER, 0, now.self(), 0, 0, 0));
        }
      }
    }
    return new NodeReport(self(), map.epoch(), trouble(), groups);
  }

  /// The cluster as everybody who answers within a second sees it.
  public CompletableFuture<ClusterStatus> status() {
    Metadata metadata = map.metadata();
    Map<Long, NodeReport> reports = new ConcurrentHashMap<>();
    NodeReport mine = report();
    reports.put(mine.member(), mine);
    var result = new CompletableFuture<ClusterStatus>();
    Running now = running;
    var open = new AtomicInteger(1);
    Runnable one =
        () -> {
          if (open.decrementAndGet() == 0) {
            result.complete(new ClusterStatus(mine.member(), metadata, Map.copyOf(reports)));
          }
        };
    if (now != null) {
      for (long member : metadata.members().keySet()) {
        if (member != now.self()) {
          open.incrementAndGet();
          now.calls()
              .call(
                  member, Services.REPORT, new byte[0], REPORT_MILLIS, new Reported(reports, one));
        }
      }
    }
    one.run();
    return result;
  }

  private record Reported(Map<Long, NodeReport> reports, Runnable done)
      implements PeerCalls.Listener {
    @Override
    public void answered(byte[] body) {
      try {
        NodeReport report = NodeReport.decode(body);
        reports.put(report.member(), report);
      } catch (IOException e) {
        LOG.warn("a report cannot be read: {}", e.getMessage());
      }
      done.run();
    }

    @Override
    public void refused(int status, byte[] body) {
      done.run();
    }

    @Override
    public void lost() {
      done.run();
    }
  }

  /// Changes the metadata; see [MetadataClient#submit].
  public CompletableFuture<MetadataOutcome> change(MetadataCommand command) {
    Running now = running;
    return now == null
        ? CompletableFuture.failedFuture(new IOException("this node is not a member yet"))
        : now.client().submit(command, CHANGE);
  }

  /// Makes the keyspace `name` where it is not there yet, and waits until it is served.
  public CompletableFuture<DeclareOutcome> declare(String name, KeyspaceDeclaration declaration) {
    Optional<DeclareOutcome> refusal = DeclarationRules.refusal(name, declaration);
    if (refusal.isPresent()) {
      return CompletableFuture.completedFuture(refusal.get());
    }
    Running now = running;
    if (now == null) {
      return CompletableFuture.completedFuture(
          new DeclareOutcome.Unavailable("this node is not a member yet"));
    }
    int most = catalog.options().namedMost();
    var request = new FieldWriter();
    request.text(name);
    request.text(format(name, declaration));
    request.number(most);
    return now.client()
        .ask(Services.DECLARE, request.bytes(), CHANGE)
        .handle((outcome, error) -> error == null ? outcome : unavailable(error))
        .thenCompose(outcome -> served(name, most, outcome));
  }

  private static MetadataOutcome unavailable(Throwable error) {
    return new MetadataOutcome.Refused(
        0, MetadataOutcome.Refusal.STALE, String.valueOf(error.getMessage()));
  }

  private CompletableFuture<DeclareOutcome> served(String name, int most, MetadataOutcome outcome) {
    if (outcome instanceof MetadataOutcome.Refused refused) {
      return CompletableFuture.completedFuture(
          switch (refused.refusal()) {
            case DIFFERS -> new DeclareOutcome.Differs(refused.text());
            case TOO_MANY -> new DeclareOutcome.TooMany(most);
            default -> new DeclareOutcome.Unavailable(refused.text());
          });
    }
    var result = new CompletableFuture<DeclareOutcome>();
    long endNanos = seams.clock().monotonicNanos() + CHANGE.toNanos();
    Runnable look =
        new Runnable() {
          @Override
          public void run() {
            Optional<DeclaredKeyspace> keyspace = catalog.declared(name);
            if (keyspace.isPresent() && isServed(keyspace.get())) {
              result.complete(
                  outcome instanceof MetadataOutcome.Changed
                      ? new DeclareOutcome.Created(keyspace.get())
                      : new DeclareOutcome.Existing(keyspace.get()));
            } else if (seams.clock().monotonicNanos() > endNanos) {
              result.complete(
                  new DeclareOutcome.Unavailable(
                      "keyspace '" + name + "' is declared, but not served yet"));
            } else {
              try {
                seams.threads().after(Duration.ofMillis(20), pool, this);
              } catch (RejectedExecutionException closing) {
                result.complete(new DeclareOutcome.Unavailable("the node is closing"));
              }
            }
          }
        };
    execute(look);
    return result;
  }

  /// Whether every group of a keyspace is open here, or else where it should be, and led.
  private boolean isServed(DeclaredKeyspace keyspace) {
    Running now = running();
    for (GroupRecord group : map.routes().groups(keyspace.id())) {
      ConsensusGroup replica = now.runtime().group(group.id());
      if (group.form() == GroupRecord.Form.LOCAL) {
        if (group.owner() == now.self()
            && catalog.groups().stream().noneMatch(one -> one.id() == group.id())) {
          return false;
        }
      } else if (group.holders().contains(now.self())
          && (replica == null || replica.status().leader() == 0)) {
        return false;
      }
    }
    return true;
  }

  /// Hands a group's leadership to `member`, wherever it is led.
  ///
  /// @return fails with an [IOException] where that was not begun
  public CompletableFuture<Void> transfer(long group, long member) {
    return status()
        .thenCompose(status -> {
          var result = new CompletableFuture<Void>();
          long leader = status.leader(group);
          byte[] body = ByteBuffer.allocate(16).putLong(group).putLong(member).array();
          if (leader == 0) {
            result.completeExceptionally(new IOException("group " + group + " has no leader now"));
          } else if (leader == self()) {
            transfer(body, new Transferred(result));
          } else {
            calls()
                .call(leader, Services.TRANSFER, body, CHANGE.toMillis(), new Transferred(result));
          }
          return result;
        });
  }

  private record Transferred(CompletableFuture<Void> result)
      implements PeerCalls.Listener, PeerCalls.Responder {
    @Override
    public void answered(byte[] body) {
      result.complete(null);
    }

    @Override
    public void refused(int status, byte[] body) {
      result.completeExceptionally(new IOException(new String(body, StandardCharsets.UTF_8)));
    }

    @Override
    public void lost() {
      result.completeExceptionally(
          new IOException("the leader did not answer: whether it hands over is not known"));
    }

    @Override
    public void answer(byte[] body) {
      answered(body);
    }

    @Override
    public void refuse(int status, byte[] body) {
      refused(status, body);
    }
  }

  /// Serves [Services#TRANSFER].
  private void transfer(byte[] body, PeerCalls.Responder responder) {
    ByteBuffer fields = ByteBuffer.wrap(body);
    long id = fields.getLong();
    long member = fields.getLong();
    ConsensusGroup group = running().runtime().group(id);
    if (group == null) {
      responder.refuse(Services.UNAVAILABLE, text("group " + id + " is not replicated"));
      return;
    }
    group.transfer(
        member,
        new ConsensusGroup.OutcomeListener() {
          @Override
          public void done() {
            responder.answer(new byte[0]);
          }

          @Override
          public void refused(ConsensusGroup.Refusal refusal, long leader) {
            responder.refuse(Services.UNAVAILABLE, text("not handed over: " + refusal));
          }

          @Override
          public void unknown() {
            responder.refuse(Services.UNAVAILABLE, text("member " + member + " did not take over"));
          }
        });
  }

  /// Hands over whatever this node leads.
  ///
  /// @return completes when it leads nothing that another could lead, or after a moment
  public CompletableFuture<Void> drain() {
    var done = new CompletableFuture<Void>();
    Running now = running;
    if (now == null) {
      done.complete(null);
    } else {
      now.runtime().drain(() -> done.complete(null));
    }
    return done;
  }

  /// Idempotent.
  @Override
  public void close() throws IOException {
    Running now;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      now = running;
    }
    started.completeExceptionally(new IOException("the node is closing"));
    if (now != null) {
      now.timers().forEach(Threads.Timer::cancel);
    }
    pool.close();
    if (now != null) {
      now.calls().close();
      now.runtime().close();
    }
    port.close();
    flushPool.close();
    if (now != null) {
      now.logs().close();
    }
  }

  private void join() throws IOException {
    if (seams.disk().exists(directory.path().resolve("databases"))) {
      throw new IOException(
          directory.path()
              + " holds data of its own: two clusters never merge; join with an empty directory");
    }
    PeerAddress target = target(options.join());
    var ignored =
        Joining.join(port, target, description(1), seams.threads(), pool)
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
      long number = metadata.member(directory.nodeId()).orElseThrow().number();
      // No log yet: the leader of the metadata sends an image before any entry.
      MetadataStateMachine.write(
          seams.disk(),
          Founding.metadata(directory.path()),
          new SnapshotMark(0, 0, Founding.mark().configuration()),
          seams.clock().wallMillis(),
          metadata);
      begin(new ClusterFile.Membership(metadata.clusterId(), number, 1));
    } catch (IOException | RuntimeException e) {
      started.completeExceptionally(e);
    }
  }

  private static PeerAddress target(String join) throws IOException {
    int colon = join.lastIndexOf(':');
    try {
      if (colon > 0) {
        return new PeerAddress(
            join.substring(0, colon).replaceAll("[\\[\\]]", ""),
            Integer.parseInt(join.substring(colon + 1)) + 2);
      }
    } catch (NumberFormatException e) {
      throw new IOException("join is '" + join + "', expected HOST:PORT", e);
    }
    throw new IOException("join is '" + join + "', expected HOST:PORT");
  }

  private void begin(ClusterFile.Membership membership) throws IOException {
    file.write(membership);
    CatalogFile.remove(seams.disk(), directory.path());
    long self = membership.member();
    MetadataStateMachine machine =
        MetadataStateMachine.open(seams.disk(), Founding.metadata(directory.path()));
    if (!machine.metadata().clusterId().equals(membership.clusterId())) {
      throw new CorruptionException(
          Founding.metadata(directory.path()).toString(),
          0,
          "cluster " + membership.clusterId() + " expected, found " + machine.metadata());
    }
    map.follow(machine.metadata());
    catalog.follow(machine.metadata(), self);
    LogStore logs =
        LogStore.open(
            seams.disk(), directory.path().resolve("raft"), seams.threads(), options.log());
    logs.damage().forEach(damage -> LOG.error("the log is damaged", damage));
    port.identify(
        new PeerIdentity(
            membership.clusterId(),
            self,
            directory.nodeId(),
            membership.incarnation(),
            port.address()));
    var calls = new PeerCalls(port.transport(), seams.clock(), seams.threads(), pool);
    PeerTransport transport = calls.others();
    var failed = new StoppedReplicas();
    var runtime =
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
    transport.onReceive((from, message) -> {
      contacts.heard(from);
      runtime.receive(from, message);
    });
    transport.onUnreachable(member -> {
      contacts.lost(member);
      runtime.unreachable(member);
    });
    var client =
        new MetadataClient(
            self, runtime, calls, map, seams.clock(), seams.threads(), pool, this::command);
    var stores =
        new GroupStores(
            seams.disk(),
            directory.path(),
            engines,
            catalog,
            seams.clock(),
            flushPool,
            options.room());
    var replicas = new Replicas(self, map, catalog, stores, logs, runtime, seams.threads(), pool);
    failed.replicas = replicas;
    var duties = new Duties(self, map, runtime, client, contacts, seams.clock());
    var steward = new Steward(self, map, client, calls, seams.clock());
    var timers = new ArrayList<Threads.Timer>();
    var begun = new Running(self, logs, calls, runtime, client, replicas, duties, steward, timers);
    running = begun;
    calls.serve(Services.REPORT, (from, body, responder) -> responder.answer(report().encode()));
    calls.serve(Services.TRANSFER, (from, body, responder) -> transfer(body, responder));
    machine.listen(metadata -> {
      map.follow(metadata);
      execute(replicas::reconcile);
    });
    openMetadata(machine, logs, runtime);
    Joining.serve(port, client, map);
    timers.add(seams.threads().every(LOOK_EVERY, pool, () -> look(begun)));
    pool.execute(() -> {
      replicas.reconcile();
      started.complete(null);
    });
    LOG.info(
        "cluster {}: member {} of {}",
        membership.clusterId(),
        self,
        map.metadata().members().keySet());
  }

  private static void openMetadata(
      MetadataStateMachine machine, LogStore logs, GroupRuntime runtime) throws IOException {
    SnapshotMark mark = machine.installedMark();
    if (logs.group(Metadata.METADATA_GROUP) != null) {
      runtime.open(Metadata.METADATA_GROUP, machine);
    } else if (mark != null && mark.equals(Founding.mark())) {
      runtime.create(Metadata.METADATA_GROUP, mark, machine);
    } else {
      runtime.createEmpty(Metadata.METADATA_GROUP, machine);
    }
  }

  private void look(Running begun) {
    begun.duties().look();
    begun.steward().look();
    introduce(begun);
  }

  /// Tells the metadata where this node is, when it has moved.
  private void introduce(Running begun) {
    Optional<Member> there = map.metadata().member(begun.self());
    if (introducing || there.isEmpty()) {
      return;
    }
    NodeDescription known = there.get().node();
    NodeDescription now = description(known.incarnation());
    if (!known.equals(now)) {
      introducing = true;
      var ignored =
          begun
              .client()
              .submit(
                  new MetadataCommand.UpdateMember(
                      begun.self(), description(known.incarnation() + 1)),
                  CHANGE)
              .whenComplete((outcome, error) -> introducing = false);
    }
  }

  private NodeDescription description(long incarnation) {
    return new NodeDescription(
        directory.nodeId(), announced, options.location(), options.capacity(), incarnation);
  }

  /// The command behind a request to declare a keyspace; at the metadata's leader.
  private MetadataCommand command(byte[] request) throws IOException {
    var in = new FieldReader("declaration", request);
    String name = in.text();
    String declaration = in.text();
    int most = in.number();
    in.end();
    try {
      return Planner.declare(
              map.metadata(),
              running().steward().live(),
              name,
              new DeclarationFormat().parse(declaration),
              most)
          .orElseThrow(() -> new IOException("too few members are alive to hold another keyspace"));
    } catch (DeclarationFormat.DeclarationException e) {
      throw new FormatException(String.valueOf(e.getMessage()));
    }
  }

  private static String format(String name, KeyspaceDeclaration declaration) {
    var node = new DeclarationFormat().write(new DeclaredKeyspace(name, 0, declaration));
    node.remove(List.of("id", "name"));
    return node.toString();
  }

  private Running running() {
    Running now = running;
    if (now == null) {
      throw new IllegalStateException("this node is not a member yet");
    }
    return now;
  }

  private void execute(Runnable task) {
    try {
      pool.execute(task);
    } catch (RejectedExecutionException closing) {
      LOG.debug("the node is closing", closing);
    }
  }

  private void closePools() {
    pool.close();
    flushPool.close();
  }

  private static byte[] text(String sentence) {
    return sentence.getBytes(StandardCharsets.UTF_8);
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
