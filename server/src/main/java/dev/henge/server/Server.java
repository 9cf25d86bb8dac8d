package dev.henge.server;

import dev.henge.base.Seams;
import dev.henge.base.Threads;
import dev.henge.base.system.SystemClock;
import dev.henge.base.system.SystemDisk;
import dev.henge.base.system.SystemRandomness;
import dev.henge.base.system.SystemThreads;
import dev.henge.consensus.metadata.Address;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.server.cluster.Cluster;
import dev.henge.server.cluster.Failures;
import dev.henge.server.cluster.StrongClient;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Setting;
import dev.henge.server.config.Settings;
import dev.henge.server.eventual.EventualClient;
import dev.henge.server.http.HttpServer;
import dev.henge.server.metrics.NodeMetrics;
import dev.henge.server.net.NettyNetwork;
import dev.henge.server.resp.Declarations;
import dev.henge.server.resp.Parameters;
import dev.henge.server.resp.RespOptions;
import dev.henge.server.resp.RespServer;
import dev.henge.server.store.Catalog;
import dev.henge.server.store.DeclareOutcome;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A [Node] and its ports: a port that answers serves. Closed in reverse.
///
/// - Threads: any; starting and closing block on the disk.
/// - Errors: what keeps a server from starting is an [IOException] for the person who started it.
public final class Server implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /// Waiting tasks of a worker pool: at 8 threads and a disk read each, below a second of work.
  private static final int WORKER_QUEUE_COUNT = 4096;

  private static final int EVENT_THREADS_MAX = 8;

  private static final Duration JOIN = Duration.ofMinutes(3);
  private static final Duration DRAIN = Duration.ofSeconds(3);
  private static final Duration FINISH = Duration.ofSeconds(1);

  private final Node node;
  private final InetSocketAddress resp;
  private final InetSocketAddress http;

  private final Parts parts = new Parts();

  private Server(NodeConfig config, Seams seams, List<AutoCloseable> owned) throws IOException {
    owned.forEach(parts::opened);
    try {
      node = parts.opened(Node.start(config, seams));
      join(node);
      Catalog catalog = node.catalog();
      StrongClient strong =
          parts.opened(
              new StrongClient(
                  node.cluster(),
                  node.cluster().calls(),
                  seams.clock(),
                  seams.randomness(),
                  seams.threads(),
                  config.value(Settings.WORKER_THREADS),
                  WORKER_QUEUE_COUNT));
      RespServer respServer =
          parts.opened(
              new RespServer(
                  respOptions(config),
                  catalog.keyspaces(),
                  seams.network(),
                  seams.clock(),
                  seams.threads()));
      respServer.reach(strong);
      var eventual =
          new EventualClient(
              Objects.requireNonNull(node.cluster().eventual(), "a member"),
              () -> strong.groups().isRemoved() ? Failures.REMOVED : null,
              seams.clock());
      respServer.reachEventual(eventual);
      respServer.declare(declarations(catalog, node.cluster()));
      declare(config, respServer.parameters());
      Threads.Pool workers =
          parts.opened(
              seams
                  .threads()
                  .pool("http-worker", config.value(Settings.WORKER_THREADS), WORKER_QUEUE_COUNT));
      HttpServer httpServer =
          parts.opened(
              HttpServer.start(
                  httpOptions(config, respServer.parameters()),
                  node.id(),
                  catalog,
                  node.cluster(),
                  metrics(catalog, respServer, eventual),
                  workers,
                  strong,
                  eventual,
                  seams.clock()));
      http = httpServer.address();
      resp =
          respServer.listen(
              new InetSocketAddress(config.value(Settings.HOST), config.value(Settings.PORT)));
      int port = config.value(Settings.PORT);
      InetSocketAddress redisCluster =
          respServer.listenAsCluster(
              new InetSocketAddress(config.value(Settings.HOST), port == 0 ? 0 : port + 3),
              config.value(Settings.CLUSTER_KEYSPACE));
      node.cluster()
          .announce(
              new Address(
                  config.value(Settings.HOST),
                  resp.getPort(),
                  http.getPort(),
                  node.cluster().peerPort(),
                  redisCluster.getPort()));
      // Closed first: what this node leads goes to others while it still serves.
      parts.opened(() -> await(respServer.finish(), FINISH, "clients did not take their answers"));
      parts.opened(
          () -> await(node.cluster().drain(), DRAIN, "leadership was not handed over in time"));
      LOG.info("node {} serves, {}", node.id(), config);
    } catch (IOException | RuntimeException e) {
      parts.closeAfter(e);
      throw e;
    }
  }

  /// Waits until the node is a member.
  private static void join(Node node) throws IOException {
    try {
      node.cluster().started().get(JOIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
    } catch (TimeoutException e) {
      throw new IOException(
          "no member of the cluster let this node join within "
              + JOIN.toSeconds()
              + " seconds; the log says why",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void await(CompletableFuture<Void> end, Duration most, String otherwise) {
    try {
      end.get(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("{}", otherwise, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Starts a server on the real world.
  public static Server start(NodeConfig config) throws IOException {
    JavaVersion.check(Runtime.version());
    var threads =
        new SystemThreads((thread, error) -> LOG.error("thread {}", thread.getName(), error));
    var network =
        new NettyNetwork(
            NettyNetwork.Options.defaults().withEventThreadCount(eventThreads(config)));
    var seams =
        new Seams(new SystemClock(), new SystemDisk(), network, new SystemRandomness(), threads);
    return new Server(config, seams, List.of(threads, network));
  }

  /// Starts a server on seams that whoever made them closes after it.
  public static Server start(NodeConfig config, Seams seams) throws IOException {
    return new Server(config, seams, List.of());
  }

  /// The node behind the ports.
  public Node node() {
    return node;
  }

  /// `HOST:PORT` of the Redis protocol.
  public String respAddress() {
    return text(resp);
  }

  public int respPort() {
    return resp.getPort();
  }

  /// `HOST:PORT` of HTTP.
  public String httpAddress() {
    return text(http);
  }

  public int httpPort() {
    return http.getPort();
  }

  /// Stops serving, then syncs and closes the engines. Idempotent.
  @Override
  public void close() throws IOException {
    parts.close();
  }

  private static RespOptions respOptions(NodeConfig config) {
    return RespOptions.defaults()
        .withPassword(config.value(Settings.PASSWORD))
        .withConnectionCountMax(config.value(Settings.CONNECTIONS))
        .withIdleTimeout(config.value(Settings.IDLE_TIMEOUT))
        .withRequestTimeout(config.value(Settings.REQUEST_TIMEOUT))
        .withWorkers(config.value(Settings.WORKER_THREADS), WORKER_QUEUE_COUNT);
  }

  private static HttpServer.Options httpOptions(NodeConfig config, Parameters parameters) {
    int port = config.value(Settings.PORT);
    return new HttpServer.Options(
        new InetSocketAddress(config.value(Settings.HOST), port == 0 ? 0 : port + 1),
        config.value(Settings.HTTP_THREADS),
        config.value(Settings.CONNECTIONS),
        config.value(Settings.REQUEST_TIMEOUT),
        parameters::password);
  }

  /// What CONFIG GET knows: every setting that is no secret, and Redis's names for some.
  private static void declare(NodeConfig config, Parameters parameters) {
    for (Setting<?> setting : Settings.ALL) {
      if (!setting.secret()) {
        String text = config.text(setting);
        parameters.declare(setting.name(), () -> text);
      }
    }
    parameters.declare(
        "dir", () -> Path.of(config.value(Settings.DATA)).toAbsolutePath().toString());
    parameters.declare("bind", () -> config.value(Settings.HOST));
    parameters.declare("databases", () -> "16");
    parameters.declare("appendonly", () -> "yes");
    parameters.declare("save", () -> "");
    parameters.declare("maxmemory", () -> "0");
    parameters.declare("maxmemory-policy", () -> "noeviction");
    parameters.declare(
        "appendfsync",
        () ->
            switch (config.value(Settings.DURABILITY)) {
              case FSYNC -> "always";
              case INTERVAL -> "everysec";
              case OS -> "no";
            });
  }

  private static Declarations declarations(Catalog catalog, Cluster cluster) {
    return new Declarations() {
      @Override
      public List<DeclaredKeyspace> declared() {
        return catalog.declared();
      }

      @Override
      public CompletableFuture<DeclareOutcome> declare(
          String name, KeyspaceDeclaration declaration) {
        return cluster.declare(name, declaration);
      }
    };
  }

  private static NodeMetrics metrics(Catalog catalog, RespServer resp, EventualClient eventual) {
    return new NodeMetrics(
        catalog,
        Map.of("resp.connections", () -> resp.statistics().connectionCount()),
        Map.of(
            "resp.commands", () -> resp.statistics().commandCount(),
            "resp.accepted", () -> resp.statistics().acceptedCount(),
            "resp.rejected", () -> resp.statistics().rejectedCount(),
            "eventual.sibling.warnings", eventual::siblingWarningCount));
  }

  /// One processor is left to the log, flush and compaction, and to the rest of the machine: on two
  /// shared with a client, a second event thread cost a third of the rate and four times the p99.
  private static int eventThreads(NodeConfig config) {
    int threads = config.value(Settings.EVENT_THREADS);
    return threads > 0
        ? threads
        : Math.clamp(Runtime.getRuntime().availableProcessors() - 1, 1, EVENT_THREADS_MAX);
  }

  private static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
