package dev.henge.server.http;

import com.linecorp.armeria.common.metric.NoopMeterRegistry;
import com.linecorp.armeria.common.util.ThreadFactories;
import com.linecorp.armeria.server.Server;
import dev.henge.base.Clock;
import dev.henge.base.Threads;
import dev.henge.server.cluster.Cluster;
import dev.henge.server.cluster.StrongClient;
import dev.henge.server.eventual.EventualClient;
import dev.henge.server.metrics.NodeMetrics;
import dev.henge.server.store.Catalog;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The HTTP port of a node.
///
/// - Lifetime: [#start] binds, [#close] answers what is under way, for a moment, and ends its
///   threads.
public final class HttpServer implements AutoCloseable {
  /// What a target may be: the longest key with every byte escaped, and room for the rest.
  private static final int TARGET_BYTES_MAX = 3 * (64 << 10) + 4096;

  /// @param address where to listen; port 0 takes any free one
  /// @param threads event loops
  /// @param connections at one time
  /// @param requestTimeout after which a request to a replicated keyspace that names no time of its
  ///   own is answered one way or the other
  /// @param password the one now, which may change; empty for none
  public record Options(
      InetSocketAddress address,
      int threads,
      int connections,
      Duration requestTimeout,
      Supplier<String> password) {}

  private final Server server;

  private HttpServer(Server server) {
    this.server = server;
  }

  /// @param workers runs what may block
  /// @param strong reaches keyspaces that this node does not evaluate alone; null where there are
  ///   none
  /// @param eventual reaches eventual keyspaces
  /// @throws IOException that names the address when it cannot be had
  public static HttpServer start(
      Options options,
      String nodeId,
      Catalog catalog,
      Cluster cluster,
      NodeMetrics metrics,
      Threads.Pool workers,
      @Nullable StrongClient strong,
      EventualClient eventual,
      Clock clock)
      throws IOException {
    var evaluator = new Evaluator(workers, strong, eventual, options.requestTimeout());
    var api =
        new HttpApi(
            options.password(),
            catalog.keyspaces(),
            new KeyHandler(catalog.keyspaces(), evaluator, clock),
            new EventualKeyHandler(catalog.keyspaces(), evaluator, clock),
            new ScanHandler(catalog.keyspaces(), evaluator),
            new KeyspaceHandler(catalog, cluster),
            new ClusterHandler(cluster, catalog.keyspaces()),
            new NodeHandler(nodeId, cluster, metrics, evaluator),
            metrics.httpRequests());
    EventLoopGroup events = new PromptEvents(options.threads());
    Server server =
        Server.builder()
            .http(options.address())
            .workerGroup(events, true)
            .bossGroupFactory(name -> events)
            .meterRegistry(NoopMeterRegistry.get())
            .maxNumConnections(options.connections())
            .childChannelPipelineCustomizer(RawTargets::install)
            .http1MaxInitialLineLength(TARGET_BYTES_MAX)
            .http1MaxHeaderSize(2 * TARGET_BYTES_MAX)
            .http2MaxHeaderListSize(2L * TARGET_BYTES_MAX)
            .maxRequestLength(0)
            .requestTimeout(Duration.ofMinutes(10))
            .idleTimeout(Duration.ofMinutes(5))
            .gracefulShutdownTimeout(Duration.ZERO, Duration.ofSeconds(2))
            .errorHandler(new TransportErrors())
            // Clients' mistakes are told to clients; HttpApi logs what is ours.
            .unloggedExceptionsReportInterval(Duration.ZERO)
            .disableServerHeader()
            .disableDateHeader()
            .serviceUnder("/", api)
            .build();
    try {
      server.start().join();
    } catch (CompletionException e) {
      server.stop().join();
      throw new IOException(
          "HTTP cannot listen at " + options.address() + ": " + e.getCause(), e.getCause());
    }
    return new HttpServer(server);
  }

  /// Where it listens.
  public InetSocketAddress address() {
    return Objects.requireNonNull(server.activePort(), "started").localAddress();
  }

  /// Idempotent.
  @Override
  public void close() {
    server.stop().join();
  }

  /// Event loops that end when told to. Armeria gives no quiet period, and Netty's default of two
  /// seconds would be part of every stop.
  private static final class PromptEvents extends MultiThreadIoEventLoopGroup {
    PromptEvents(int threads) {
      super(
          threads,
          ThreadFactories.newEventLoopThreadFactory("http", true),
          Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
      return super.shutdownGracefully(0, timeout, unit);
    }
  }
}
