package dev.henge.server.cluster;

import dev.henge.base.Clock;
import dev.henge.base.Slots;
import dev.henge.base.Threads;
import dev.henge.base.system.SystemClock;
import dev.henge.base.system.SystemDisk;
import dev.henge.base.system.SystemRandomness;
import dev.henge.base.system.SystemThreads;
import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.GroupOptions;
import dev.henge.consensus.group.GroupRuntime;
import dev.henge.consensus.log.LogOptions;
import dev.henge.consensus.log.LogStore;
import dev.henge.consensus.metadata.Address;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.consensus.metadata.KeyspaceMode;
import dev.henge.consensus.metadata.Location;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.NodeDescription;
import dev.henge.consensus.metadata.Replicas;
import dev.henge.consensus.metadata.Routes;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Raft;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.consensus.strong.Room;
import dev.henge.consensus.strong.StrongOptions;
import dev.henge.consensus.strong.StrongStateMachine;
import dev.henge.data.Scope;
import dev.henge.server.net.NettyNetwork;
import dev.henge.server.peer.PeerAddress;
import dev.henge.server.peer.PeerCalls;
import dev.henge.server.peer.PeerDirectory;
import dev.henge.server.peer.PeerIdentity;
import dev.henge.server.peer.PeerOptions;
import dev.henge.server.peer.Peers;
import dev.henge.server.resp.RespOptions;
import dev.henge.server.resp.RespServer;
import dev.henge.server.store.Keyspace;
import dev.henge.server.store.Keyspaces;
import dev.henge.storage.lsm.LsmEngine;
import dev.henge.storage.lsm.LsmOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Three nodes in one process, on real sockets and disks, with metadata that stands still:
/// databases 0-15 are one group of all three, keyspace `many` has three groups.
final class ThreeNodes implements AutoCloseable {
  static final String MANY = "many";
  private static final int MANY_ID = 1024;
  private static final String CLUSTER = "0f0e0d0c0b0a09080706050403020100";
  private static final List<Long> MEMBERS = List.of(1L, 2L, 3L);

  private final SystemThreads threads = new SystemThreads();
  private final NettyNetwork network =
      new NettyNetwork(NettyNetwork.Options.defaults().withEventThreadCount(2));
  private final Threads.Pool looks = threads.pool("looks", 1, 100);
  private final Clock clock = new SystemClock();
  private volatile Routes routes = new Routes(Metadata.EMPTY);
  final List<Node> nodes = new ArrayList<>();

  ThreeNodes(Path directory) throws IOException {
    for (long member : MEMBERS) {
      nodes.add(new Node(member, directory.resolve("node-" + member)));
    }
    var members = new TreeMap<Long, Member>();
    nodes.forEach(node -> members.put(node.member, node.describe()));
    var groups = new TreeMap<Long, GroupRecord>();
    groups.put(1L, group(1, Metadata.NO_KEYSPACE, 0, Slots.COUNT));
    groups.put(2L, group(2, MANY_ID, 0, 5461));
    groups.put(3L, group(3, MANY_ID, 5461, 10922));
    groups.put(4L, group(4, MANY_ID, 10922, Slots.COUNT));
    var keyspaces = new TreeMap<Integer, DeclaredKeyspace>();
    keyspaces.put(MANY_ID, new DeclaredKeyspace(MANY, MANY_ID, KeyspaceDeclaration.DEFAULT));
    routes =
        new Routes(
            new Metadata(
                1,
                CLUSTER,
                members,
                new TreeSet<>(),
                keyspaces,
                groups,
                new TreeMap<>(),
                4,
                MANY_ID + 1,
                5));
    for (Node node : nodes) {
      node.open(groups.keySet());
    }
  }

  Node node(int index) {
    return nodes.get(index);
  }

  /// Waits until a node that is not stopped leads `group`.
  Node leader(long group) throws InterruptedException {
    var found = new ArrayBlockingQueue<Node>(1);
    Threads.Timer looking =
        threads.every(
            Duration.ofMillis(10),
            looks,
            () ->
                nodes.stream()
                    .filter(node -> !node.stopped && node.leads(group))
                    .findFirst()
                    .ifPresent(found::offer));
    try {
      return found.take();
    } finally {
      looking.cancel();
    }
  }

  @Override
  public void close() throws IOException {
    for (Node node : nodes) {
      node.stop();
    }
    network.close();
    threads.close();
  }

  private static GroupRecord group(long id, int keyspace, int from, int to) {
    var replicas = Replicas.ofVoters(MEMBERS);
    return new GroupRecord(
        id,
        keyspace,
        from,
        to,
        GroupRecord.Form.REPLICATED,
        1,
        1,
        replicas,
        1,
        replicas,
        replicas.members(),
        1);
  }

  /// One node.
  final class Node implements PeerDirectory, Groups {
    final long member;
    final RespServer resp;
    final StrongClient client;
    final int respPort;
    final int clusterPort;
    volatile boolean stopped;
    private final Path directory;
    private final Peers peers;
    private final PeerCalls calls;
    private final LogStore log;
    private final GroupRuntime runtime;
    private final int peerPort;
    private final Map<Long, Replica> replicas = new ConcurrentHashMap<>();
    private final Contacts contacts = new Contacts(clock);

    Node(long member, Path directory) throws IOException {
      this.member = member;
      this.directory = directory;
      Files.createDirectories(directory.resolve("groups"));
      peers =
          new Peers(PeerOptions.defaults(), network, this, clock, new SystemRandomness(), threads);
      peerPort = peers.listen(local()).getPort();
      calls = new PeerCalls(peers, clock, threads, threads.pool("calls", 1, 100), 1);
      log =
          LogStore.open(
              new SystemDisk(),
              directory.resolve("log"),
              threads,
              new LogOptions(4 << 20, 8 << 20, 8 << 20, 256 << 10));
      runtime =
          new GroupRuntime(
              new GroupRuntime.Parts(
                  member,
                  log,
                  calls.others(),
                  threads,
                  2,
                  clock,
                  new SystemRandomness(),
                  GroupOptions.defaults(),
                  Raft::new,
                  (group, cause) -> {
                    throw new AssertionError("group " + group + " failed", cause);
                  }));
      calls
          .others()
          .onReceive((from, message) -> {
            contacts.heard(from);
            runtime.receive(from, message);
          });
      calls
          .others()
          .onUnreachable(other -> {
            contacts.lost(other);
            runtime.unreachable(other);
          });
      client = new StrongClient(this, calls, clock, new SystemRandomness(), threads, 4, 100);
      var keyspaces = new Keyspaces(null, Scope.Limits.DEFAULT);
      keyspaces.serve(
          new Keyspace(MANY, -1, MANY_ID, KeyspaceMode.STRONG, null), Scope.Limits.DEFAULT);
      resp = new RespServer(RespOptions.defaults(), keyspaces, network, clock, threads);
      resp.reach(client);
      respPort = resp.listen(local()).getPort();
      clusterPort = resp.listenAsCluster(local(), "default").getPort();
      peers.identify(
          new PeerIdentity(CLUSTER, member, id(), 1, new PeerAddress("127.0.0.1", peerPort)));
    }

    void open(Iterable<Long> groups) throws IOException {
      for (long group : groups) {
        var machine =
            StrongStateMachine.open(
                new StrongOptions(
                    new SystemDisk(),
                    directory.resolve("groups/" + group),
                    (path, filter) ->
                        LsmEngine.open(
                            path,
                            LsmOptions.defaults()
                                .withMemtableBytes(1 << 20)
                                .withCompactionFilter(filter),
                            new SystemDisk(),
                            clock,
                            threads),
                    threads.pool("background", 1, 64),
                    Room.BLOCKING));
        ConsensusGroup opened =
            runtime.create(group, new SnapshotMark(0, 0, Configuration.ofVoters(MEMBERS)), machine);
        replicas.put(group, new Replica.Replicated(opened, machine));
      }
    }

    boolean leads(long group) {
      return replicas.get(group) instanceof Replica.Replicated replica
          && replica.group().status().role() == ConsensusGroup.GroupStatus.Role.LEADER;
    }

    /// As a crash looks to the others: it answers nobody any more.
    void stop() throws IOException {
      if (!stopped) {
        stopped = true;
        peers.close();
        resp.close();
        client.close();
        calls.close();
        runtime.close();
        log.close();
      }
    }

    Member describe() {
      return new Member(
          member,
          new NodeDescription(
              id(),
              new Address("127.0.0.1", respPort, 1, peerPort, clusterPort),
              new Location("dc", "rack"),
              1,
              1),
          Member.State.UP,
          0);
    }

    private String id() {
      return "%032x".formatted(member);
    }

    private static InetSocketAddress local() {
      return new InetSocketAddress("127.0.0.1", 0);
    }

    @Override
    public long self() {
      return member;
    }

    @Override
    public Routes routes() {
      return routes;
    }

    @Override
    public @Nullable Replica replica(long group) {
      return replicas.get(group);
    }

    @Override
    public boolean isLost(long of) {
      return contacts.isLost(of);
    }

    @Override
    public long silentMillis(long of) {
      return contacts.silentMillis(of);
    }

    @Override
    public @Nullable PeerAddress address(long of) {
      Member known = routes.metadata().members().get(of);
      return known == null ? null : new PeerAddress("127.0.0.1", known.node().address().peer());
    }

    @Override
    public Standing standing(long of, String nodeId) {
      return Standing.MEMBER;
    }

    @Override
    public long epoch() {
      return 1;
    }

    @Override
    public boolean isRemoved() {
      return false;
    }

    @Override
    public boolean isRecognized() {
      return true;
    }

    @Override
    public void removed(long by) {
      throw new AssertionError("nobody is removed here");
    }

    @Override
    public void newerEpoch(long of, long epoch) {}
  }
}
