package dev.henge.server.http;

import com.linecorp.armeria.common.metric.NoopMeterRegistry;
import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.server.Server;
import dev.henge.base.Clock;
import dev.henge.base.Threads;
import dev.henge.server.metrics.NodeMetrics;
import dev.henge.server.store.Catalog;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// The HTTP port of a node.
///
/// - Lifetime: [#start] binds, [#close] answers what is under way, for a moment, and ends its threads.
public final class HttpServer implements AutoCloseable {
  /// What a target may be: the longest key with every byte escaped, and room for the rest.
  private static final int TARGET_BYTES_MAX = 3 * (64 << 10) + 4096;

  /// @param address where to listen; port 0 takes any free one
  /// @param threads event loops
  /// @param connections at one time
  /// @param password the one now, which may change; empty for none
  public record Options(
      InetSocketAddress address, int threads, int connections, Supplier<String> password) {}

  private final Server server;
  private final EventLoopGroup events;

  private HttpServer(Server server, EventLoopGroup events) {
    this.server = server;
    this.events = events;
  }

  /// @param workers runs what may block
  /// @throws IOException that names the address when it cannot be had
  public static HttpServer start(
      Options options,
      String nodeId,
      Catalog catalog,
      NodeMetrics metrics,
      Threads.Pool workers,
      Clock clock)
      throws IOException {
    var evaluator = new Evaluator(workers);
    var api =
        new HttpApi(
            options.password(),
            new KeyHandler(catalog.keyspaces(), evaluator, clock),
            new ScanHandler(catalog.keyspaces(), evaluator),
            new KeyspaceHandler(catalog, evaluator),
            new NodeHandler(nodeId, catalog, metrics, evaluator),
            metrics.httpRequests());
    EventLoopGroup events = EventLoopGroups.newEventLoopGroup(options.threads(), "http", true);
    Server server =
        Server.builder()
            .http(options.address())
            .workerGroup(events, false)
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
            .disableServerHeader()
            .disableDateHeader()
            .serviceUnder("/", api)
            .build();
    try {
      server.start().join();
    } catch (CompletionException e) {
      stop(server, events);
      throw new IOException(
          "HTTP cannot listen at " + options.address() + ": " + e.getCause(), e.getCause());
    }
    return new HttpServer(server, events);
  }

  /// Where it listens.
  public InetSocketAddress address() {
    return Objects.requireNonNull(server.activePort(), "started").localAddress();
  }

  /// Idempotent.
  @Override
  public void close() {
    stop(server, events);
  }

  private static void stop(Server server, EventLoopGroup events) {
    server.stop().join();
    events.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
