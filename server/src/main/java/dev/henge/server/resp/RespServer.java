package dev.henge.server.resp;

import dev.henge.base.Clock;
import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import dev.henge.base.Network;
import dev.henge.base.Threads;
import dev.henge.data.DatabaseIds;
import dev.henge.server.cluster.StrongClient;
import dev.henge.server.eventual.EventualClient;
import dev.henge.server.store.Keyspace;
import dev.henge.server.store.Keyspaces;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Serves the Redis protocol over keyspaces.
///
/// - Threads: connections run on the network's event threads; what must wait, on workers of its
///   own.
/// - Lifetime: [#close] stops accepting, closes the connections and ends the workers; network and
///   keyspaces belong to others and are closed after.
public final class RespServer implements AutoCloseable {
  /// The version of Redis whose commands and texts this is.
  static final String REDIS_VERSION = "7.2.4";

  private static final Duration TICK = Duration.ofSeconds(1);

  /// After so long without input a session gives up its buffers.
  private static final long SHRINK_AFTER_MILLIS = 2000;

  private final RespOptions options;
  private final Keyspaces keyspaces;
  private final Network network;
  private final Clock clock;
  private final Threads threads;
  private final Threads.Pool workers;
  private final Threads.Pool timers;
  private final Threads.Timer ticking;
  private final CommandTable table = CommandTable.standard();
  private final Sessions sessions = new Sessions();
  private final ScanCursors cursors = new ScanCursors();
  private final Parameters parameters;
  private final SlowLog slowLog;
  private final RequestDecoder.Limits limits;
  private final InputBytes inputBytes;
  private final Map<Thread, EventThread> eventThreads = new ConcurrentHashMap<>();
  private final CopyOnWriteArrayList<Network.Listener> listeners = new CopyOnWriteArrayList<>();
  private final long startedNanos;
  private volatile Supplier<List<String>> information = List::of;
  private volatile @Nullable StrongClient strong;
  private volatile @Nullable EventualClient eventual;
  private volatile @Nullable Declarations declarations;
  private volatile String clusterKeyspace = "default";

  public RespServer(
      RespOptions options, Keyspaces keyspaces, Network network, Clock clock, Threads threads) {
    this.options = options;
    this.keyspaces = keyspaces;
    this.network = network;
    this.clock = clock;
    this.threads = threads;
    this.startedNanos = clock.monotonicNanos();
    this.parameters = new Parameters(options);
    this.slowLog = new SlowLog(clock);
    slowLog.declare(parameters);
    parameters.declare("databases", () -> Integer.toString(DatabaseIds.COUNT));
    parameters.declare("proto-max-bulk-len", () -> Integer.toString(keyspaces.valueBytesMax()));
    parameters.declare("maxmemory", () -> "0");
    parameters.declare("maxmemory-policy", () -> "noeviction");
    parameters.declare("appendonly", () -> "yes");
    parameters.declare("save", () -> "");
    parameters.declare("cluster-enabled", () -> "no");
    parameters.declare("notify-keyspace-events", () -> "");
    // Clients that keep writes from replicas ask: here every node takes them.
    parameters.declare("replica-read-only", () -> "no");
    parameters.declare("slave-read-only", () -> "no");
    this.limits = new SizeLimits(keyspaces, options);
    this.inputBytes = new InputBytes(options.inputBytesMax());
    this.workers = threads.pool("resp-worker", options.workerCount(), options.workerQueueCount());
    // a session has one pending task at most
    this.timers = threads.pool("resp-timer", 1, options.connectionCountMax() + 16);
    this.ticking = threads.every(TICK, timers, this::tick);
  }

  /// Accepts connections at `address` (port 0: any free one).
  ///
  /// @return the address in use
  public InetSocketAddress listen(InetSocketAddress address) throws IOException {
    Network.Listener listener = network.listen(address, this::accept);
    listeners.add(listener);
    return listener.address();
  }

  /// Accepts connections that speak the Redis Cluster protocol at `address`: their clients are sent
  /// to the leaders. After [#reach].
  ///
  /// @param keyspace that these connections use, and cannot leave
  /// @return the address in use
  public InetSocketAddress listenAsCluster(InetSocketAddress address, String keyspace)
      throws IOException {
    StrongClient reached = Objects.requireNonNull(strong, "reached before");
    var cluster = new ClusterView(reached);
    clusterKeyspace = keyspace;
    Network.Listener listener = network.listen(address, connection -> accept(connection, cluster));
    listeners.add(listener);
    return listener.address();
  }

  /// How keyspaces are reached that this node does not evaluate alone; before anybody connects.
  public void reach(StrongClient client) {
    strong = client;
  }

  /// How eventual keyspaces are reached; before anybody connects.
  public void reachEventual(EventualClient client) {
    eventual = client;
  }

  /// How named keyspaces are made; before anybody connects.
  public void declare(Declarations through) {
    declarations = through;
  }

  @Nullable Declarations declarations() {
    return declarations;
  }

  /// What CONFIG GET and SET know; the node adds what it has.
  public Parameters parameters() {
    return parameters;
  }

  /// Connections now, and counts since the start.
  public RespStatistics statistics() {
    return new RespStatistics(
        sessions.count(),
        sessions.acceptedCount(),
        sessions.rejectedCount(),
        sessions.commandCount(),
        slowLog.count());
  }

  /// Lines to stand in INFO, each `name:value`, in a section called Henge.
  public void information(Supplier<List<String>> lines) {
    information = lines;
  }

  /// Takes no new connections and no further requests: those under way are answered, then their
  /// connections close.
  ///
  /// @return completes when all are closed
  public CompletableFuture<Void> finish() {
    for (Network.Listener listener : listeners) {
      listener.close();
    }
    for (RespSession session : sessions.any()) {
      session.connection().execute(session::finish);
    }
    return sessions.whenEmpty();
  }

  @Override
  public void close() {
    ticking.cancel();
    for (Network.Listener listener : listeners) {
      listener.close();
    }
    for (RespSession session : sessions.any()) {
      session.connection().close();
    }
    workers.close();
    timers.close();
  }

  /// The handler of a new connection; also the way in for connections of tests.
  ConnectionHandler accept(Connection connection) {
    return accept(connection, null);
  }

  private ConnectionHandler accept(Connection connection, @Nullable ClusterView cluster) {
    if (sessions.count() >= parameters.connectionCountMax()) {
      sessions.rejected();
      byte[] refusal = ReplyWriter.ascii("-ERR max number of clients reached\r\n");
      connection.write(refusal, 0, refusal.length);
      connection.flush();
      connection.close();
      return new Refused();
    }
    EventThread eventThread =
        eventThreads.computeIfAbsent(Thread.currentThread(), thread -> new EventThread());
    var client = new Client(sessions.nextId(), connection, clock.monotonicNanos());
    var session = new RespSession(this, connection, eventThread, client, cluster);
    sessions.add(session);
    return session;
  }

  /// Of this program, from its jar; `development` where it runs from classes.
  static String version() {
    String version = RespServer.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /// Null on a node that has nothing to reach.
  @Nullable StrongClient strongClient() {
    return strong;
  }

  /// Null on a node that has no way to eventual keyspaces.
  @Nullable EventualClient eventualClient() {
    return eventual;
  }

  /// Where clients of the Redis Cluster protocol begin; null when it has gone.
  @Nullable Keyspace clusterKeyspace() {
    return keyspaces.find(clusterKeyspace);
  }

  RespOptions options() {
    return options;
  }

  Keyspaces keyspaces() {
    return keyspaces;
  }

  Clock clock() {
    return clock;
  }

  CommandTable table() {
    return table;
  }

  Sessions sessions() {
    return sessions;
  }

  ScanCursors cursors() {
    return cursors;
  }

  SlowLog slowLog() {
    return slowLog;
  }

  RequestDecoder.Limits limits() {
    return limits;
  }

  InputBytes inputBytes() {
    return inputBytes;
  }

  Supplier<List<String>> information() {
    return information;
  }

  /// CONFIG RESETSTAT.
  void resetStatistics() {
    sessions.resetCounts();
  }

  long startedNanos() {
    return startedNanos;
  }

  /// Runs `task` on a worker.
  ///
  /// @return false when too many wait
  boolean work(Runnable task) {
    try {
      workers.execute(task);
      return true;
    } catch (RejectedExecutionException full) {
      return false;
    }
  }

  /// Runs a short `task` after a time.
  void later(long millis, Runnable task) {
    threads.after(Duration.ofMillis(millis), timers, task);
  }

  private void tick() {
    long now = clock.monotonicNanos();
    long timeoutMillis = parameters.idleTimeoutSeconds() * 1000L;
    for (RespSession session : sessions.any()) {
      long silentMillis = (now - session.client().touchedNanos()) / 1_000_000;
      if (timeoutMillis > 0 && silentMillis > timeoutMillis) {
        session.connection().close();
      } else if (silentMillis > SHRINK_AFTER_MILLIS
          && silentMillis <= SHRINK_AFTER_MILLIS + 2 * TICK.toMillis()) {
        session.connection().execute(session::shrink);
      }
    }
  }

  private record SizeLimits(Keyspaces keyspaces, RespOptions options)
      implements RequestDecoder.Limits {
    /// What DUMP adds to a value: type, length, version, checksum.
    private static final int DUMP_OVERHEAD_BYTES = 64;

    @Override
    public int bulkBytesMax() {
      // The keyspace itself refuses what is too long for it, by name: the connection goes on.
      int value = keyspaces.valueBytesMax();
      return Math.min(value, Integer.MAX_VALUE - DUMP_OVERHEAD_BYTES) + DUMP_OVERHEAD_BYTES;
    }

    @Override
    public long requestBytesMax() {
      return options.requestBytesMax();
    }
  }

  /// A connection that was one too many.
  private static final class Refused implements ConnectionHandler {
    @Override
    public void received(ByteBuffer bytes) {}

    @Override
    public void receiveComplete() {}

    @Override
    public void inputEnded() {}

    @Override
    public void writabilityChanged() {}

    @Override
    public void closed() {}
  }
}
