package dev.henge.server.cluster;

import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import dev.henge.base.Network;
import dev.henge.base.Seams;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.group.PeerTransport;
import dev.henge.consensus.log.LogOptions;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.consensus.strong.Room;
import dev.henge.server.Node;
import dev.henge.server.config.ConfigException;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import dev.henge.server.peer.PeerAddress;
import dev.henge.server.peer.PeerIdentity;
import dev.henge.server.peer.Peers;
import dev.henge.server.store.DeclareOutcome;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;

/// A node without others, on a simulated disk, in virtual time, on the test's thread.
final class LoneNode implements AutoCloseable {
  static final Path DATA = Path.of("/data");

  private final SimulatedThreads threads;
  private final Node node;

  LoneNode(SimulatedDisk disk, long seed) throws IOException {
    var clock = new SimulatedClock();
    threads = new SimulatedThreads(clock);
    var seams = new Seams(clock, disk, new NoNetwork(), new SeededRandomness(seed), threads);
    NodeConfig config = config();
    ClusterOptions options = Node.options(config).cluster();
    var small =
        new ClusterOptions(
            options.join(),
            options.host(),
            options.respPort(),
            options.location(),
            options.capacity(),
            1,
            options.groups(),
            new LogOptions(64 << 10, 1 << 20, 1 << 20, 16 << 10),
            options.cores(),
            Room.INLINE);
    node =
        threads.promptly(() ->
            Node.start(
                config,
                seams,
                new Node.Options(small, Node.options(config).engines()),
                directory -> new SilentPort()));
  }

  Cluster cluster() {
    return node.cluster();
  }

  Node node() {
    return node;
  }

  DeclareOutcome declare(String name, KeyspaceDeclaration declaration) {
    CompletableFuture<DeclareOutcome> outcome = node.cluster().declare(name, declaration);
    for (int i = 0; i < 2000 && !outcome.isDone(); i++) {
      threads.runAll();
      threads.advance(Duration.ofMillis(10));
    }
    if (!outcome.isDone()) {
      throw new AssertionError("no answer");
    }
    return outcome.join();
  }

  @Override
  public void close() throws IOException {
    threads.promptly(node::close);
  }

  private static NodeConfig config() {
    try {
      return NodeConfig.builder()
          .set(Settings.DATA, DATA.toString())
          .set(Settings.CACHE, 1L << 20)
          .set(Settings.MEMTABLE, 1L << 20)
          .set(Settings.KEYSPACE_MEMTABLE, 1L << 20)
          .set(Settings.KEYSPACES, 4)
          .build();
    } catch (ConfigException e) {
      throw new AssertionError(e);
    }
  }

  private static final class SilentPort implements PeerPort, PeerTransport {
    @Override
    public PeerTransport transport() {
      return this;
    }

    @Override
    public PeerAddress address() {
      return new PeerAddress("127.0.0.1", 7402);
    }

    @Override
    public void identify(PeerIdentity self) {}

    @Override
    public void onGuest(Peers.GuestService service) {}

    @Override
    public CompletableFuture<PeerMessage.Answer> ask(
        PeerAddress address, String nodeId, int service, byte[] body, Duration timeout) {
      return CompletableFuture.failedFuture(new IOException("nobody is there"));
    }

    @Override
    public void send(long member, PeerMessage message, long deadlineMillis) {}

    @Override
    public void onReceive(BiConsumer<Long, PeerMessage> receiver) {}

    @Override
    public void onUnreachable(LongConsumer listener) {}

    @Override
    public void close() {}
  }

  private static final class NoNetwork implements Network {
    @Override
    public Listener listen(
        InetSocketAddress address, Function<Connection, ConnectionHandler> accept)
        throws IOException {
      throw new IOException("no network");
    }

    @Override
    public void connect(
        InetSocketAddress address,
        Duration timeout,
        Function<Connection, ConnectionHandler> connected,
        Consumer<IOException> failed) {
      failed.accept(new IOException("no network"));
    }

    @Override
    public void close() {}
  }
}
