package dev.henge.simulation.node;

import dev.henge.base.Seams;
import dev.henge.base.Threads;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.group.ConsensusGroup.ReadLevel;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.strong.RequestId;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.server.Node;
import dev.henge.server.cluster.Cluster;
import dev.henge.server.cluster.Consistency;
import dev.henge.server.cluster.NetworkPeerPort;
import dev.henge.server.cluster.NodeReport;
import dev.henge.server.cluster.StrongCall;
import dev.henge.server.cluster.StrongClient;
import dev.henge.server.cluster.StrongSession;
import dev.henge.server.config.ConfigException;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import dev.henge.server.store.Group;
import dev.henge.server.store.GroupMovedException;
import dev.henge.server.store.Keyspace;
import dev.henge.server.store.WriteMark;
import dev.henge.simulation.network.NodeNetwork;
import dev.henge.simulation.network.Streams;
import dev.henge.simulation.network.UnrulyPort;
import dev.henge.simulation.workload.Service;
import dev.henge.simulation.world.Incarnation;
import dev.henge.simulation.world.Machine;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.EngineException;
import dev.henge.storage.WriteRefusedException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One life of a complete node: all that a server has except the ports of its frontends, whose way
/// of asking it takes clients' requests.
///
/// - Threads: the simulation's.
final class NodeLife {
  private static final String HOST = "127.0.0.1";

  /// As long as a client waits, about: answers of all kinds come about.
  private static final long TIMEOUT_MILLIS = 1_800;

  private static final int WORKERS = 2;

  private final Incarnation life;
  private final Threads.Pool callers;
  private final SeededRandomness random;
  private final NodeNetwork network;
  private final Node node;
  private final Map<Long, StrongSession> sessions = new HashMap<>();
  private @Nullable StrongClient client;
  private @Nullable Throwable refusal;

  /// Starts the process on a machine on which nothing runs.
  ///
  /// @param number of the machine
  /// @param port the first of the node's
  /// @param join port of a member; 0 for none
  /// @throws IOException what a person who starts a node is told
  NodeLife(
      Incarnation life,
      Machine machine,
      int number,
      Streams streams,
      NodeMaking making,
      int port,
      int join,
      SeededRandomness random)
      throws IOException {
    this.life = life;
    this.random = random;
    this.callers = life.pool("callers", 4, 10_000);
    this.network = new NodeNetwork(streams, life, number);
    var seams = new Seams(machine, machine.disk(), network, random.split(), life);
    NodeConfig config = config(making, port, join, number);
    this.node =
        Node.start(
            config,
            seams,
            making.options(config),
            directory ->
                new UnrulyPort(
                    new NetworkPeerPort(
                        HOST, port + 2, network, directory, machine, seams.randomness(), life),
                    streams,
                    life));
    var watched =
        node.cluster()
            .started()
            .whenComplete((member, error) -> {
              if (error != null) {
                refusal = error;
              } else if (life.isAlive()) {
                client =
                    new StrongClient(
                        node.cluster(),
                        node.cluster().calls(),
                        machine,
                        seams.randomness(),
                        life,
                        WORKERS,
                        1_000);
              }
            });
    assert watched != null;
  }

  private static NodeConfig config(NodeMaking making, int port, int join, int number) {
    try {
      return NodeConfig.builder()
          .set(Settings.DATA, "/data")
          .set(Settings.HOST, HOST)
          .set(Settings.PORT, port)
          .set(Settings.JOIN, join == 0 ? "" : HOST + ":" + join)
          .set(Settings.RACK, "r" + number % 3)
          .set(Settings.CACHE, making.cacheBytes())
          .set(Settings.MEMTABLE, making.memtableBytes())
          .set(Settings.KEYSPACE_MEMTABLE, making.memtableBytes())
          .set(Settings.MEMTABLE_TOTAL, making.memtablesBytes())
          .build();
    } catch (ConfigException e) {
      throw new IllegalStateException("settings of a simulated node", e);
    }
  }

  Incarnation life() {
    return life;
  }

  boolean isAlive() {
    return life.isAlive();
  }

  /// Whether it is a member and serves.
  boolean isServing() {
    return life.isAlive() && client != null;
  }

  String id() {
    return node.id();
  }

  Cluster cluster() {
    return node.cluster();
  }

  /// Its number; 0 before it is a member.
  long member() {
    return node.cluster().self();
  }

  Metadata metadata() {
    return node.cluster().map().metadata();
  }

  NodeReport report() {
    return node.cluster().report();
  }

  /// Why it was not let in; null where it was, or may be yet.
  @Nullable Throwable refusal() {
    return refusal;
  }

  /// Runs `task` as one of the node's own.
  void execute(Runnable task) {
    callers.execute(task);
  }

  /// Does what a frontend does with a client's request, on a thread of the node.
  void submit(
      int keyspaceNumber,
      Service.Request request,
      Operation operation,
      ReadLevel level,
      Service.Answer answer) {
    StrongClient serving = client;
    Keyspace keyspace = keyspace(keyspaceNumber);
    if (serving == null || keyspace == null) {
      answer.refused("not served here yet", -1);
      return;
    }
    RequestId id =
        request.repeated() && operation.writes()
            ? new RequestId(request.client(), request.number())
            : null;
    var call =
        new StrongCall(
            keyspace.elsewhere(),
            node.catalog().keyspaces().limits(keyspace),
            operation,
            consistency(level),
            id,
            TIMEOUT_MILLIS);
    Group local = keyspace.group();
    if (local == null) {
      elsewhere(serving, request, call, answer);
    } else {
      local(serving, local, request, call, answer);
    }
  }

  /// By replicated groups, or by another node.
  private void elsewhere(
      StrongClient serving, Service.Request request, StrongCall call, Service.Answer answer) {
    sessions
        .computeIfAbsent(request.client(), name -> serving.session())
        .submit(call, (reply, index, ageMillis) -> tell(reply, ageMillis, answer));
  }

  /// Where one node holds all of a keyspace: as frontends do.
  private void local(
      StrongClient serving,
      Group group,
      Service.Request request,
      StrongCall call,
      Service.Answer answer) {
    var mark = new WriteMark();
    try {
      Reply reply =
          group.evaluate(
              call.operation(),
              call.keyspace(),
              call.limits(),
              call.requestId(),
              mark,
              Access.DISK);
      group.whenAcknowledged(
          mark.sequence(),
          new Engine.AcknowledgeListener() {
            @Override
            public void acknowledged() {
              tell(reply, 0, answer);
            }

            @Override
            public void unknown(WriteRefusedException stopped) {
              answer.unknown();
            }
          });
    } catch (GroupMovedException moved) {
      elsewhere(serving, request, call, answer);
    } catch (WriteRefusedException refused) {
      answer.refused(refused.reason().name(), -1);
    } catch (EngineException damaged) {
      answer.refused("DAMAGED", -1);
    }
  }

  private static void tell(Reply reply, long ageMillis, Service.Answer answer) {
    if (!(reply instanceof Reply.Failure failure)) {
      answer.replied(reply, ageMillis);
    } else if (failure.code().equals("UNKNOWN")) {
      answer.unknown();
    } else {
      answer.refused(failure.code(), -1);
    }
  }

  private static Consistency consistency(ReadLevel level) {
    return switch (level) {
      case LINEARIZABLE -> Consistency.LINEARIZABLE;
      case LEADER -> Consistency.LEADER;
      case STALE -> Consistency.STALE;
    };
  }

  private @Nullable Keyspace keyspace(int number) {
    return number == 0
        ? node.catalog().keyspaces().database(0)
        : node.catalog().keyspaces().find(NodeCluster.keyspaceName(number));
  }

  /// Ends everything in good order; after a crash, gives memory back.
  void close() throws IOException {
    StrongClient serving = client;
    client = null;
    if (serving != null) {
      serving.close();
    }
    node.close();
    network.close();
  }
}
