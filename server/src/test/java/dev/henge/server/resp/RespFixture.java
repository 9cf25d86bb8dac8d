package dev.henge.server.resp;

import dev.henge.base.Clock;
import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import dev.henge.base.Network;
import dev.henge.consensus.metadata.KeyspaceMode;
import dev.henge.data.Scope;
import dev.henge.server.eventual.EventualClient;
import dev.henge.server.eventual.MemoryKeyspaces;
import dev.henge.server.store.Group;
import dev.henge.server.store.Keyspace;
import dev.henge.server.store.Keyspaces;
import dev.henge.storage.Engine;
import dev.henge.storage.LogMode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/// A server without network, threads or time of its own: a test moves all of them.
final class RespFixture {
  /// 2025-01-01 00:00:00 UTC.
  static final long NOW = 1_735_689_600_000L;

  final DirectThreads threads = new DirectThreads();
  final ManualClock clock = new ManualClock();
  final Group group;
  final Keyspaces keyspaces;
  final RespServer server;
  final MemoryKeyspaces eventual = new MemoryKeyspaces(clock, false);

  RespFixture(Engine engine, RespOptions options) {
    group = new Group(engine, LogMode.SYNCED, clock, () -> 42);
    keyspaces = new Keyspaces(group, new Scope.Limits(64 << 10, 1 << 20, 0));
    server = new RespServer(options, keyspaces, new NoNetwork(), clock, threads);
    server.reachEventual(new EventualClient(eventual, () -> null, clock));
    keyspaces.serve(
        new Keyspace("carts", -1, MemoryKeyspaces.KEYSPACE, KeyspaceMode.EVENTUAL, null),
        new Scope.Limits(64 << 10, 1 << 20, 0));
  }

  MemoryConnection connect() {
    var connection = new MemoryConnection();
    connection.handler(server.accept(connection));
    return connection;
  }

  /// A request as clients send it.
  static byte[] request(List<byte[]> arguments) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(ascii("*" + arguments.size() + "\r\n"));
    for (byte[] argument : arguments) {
      bytes.writeBytes(ascii("$" + argument.length + "\r\n"));
      bytes.writeBytes(argument);
      bytes.writeBytes(ascii("\r\n"));
    }
    return bytes.toByteArray();
  }

  static byte[] request(String... arguments) {
    return request(List.of(arguments).stream().map(RespFixture::ascii).toList());
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static final class ManualClock implements Clock {
    long wallMillis = NOW;
    long monotonicNanos;

    @Override
    public long wallMillis() {
      return wallMillis;
    }

    @Override
    public long monotonicNanos() {
      return monotonicNanos;
    }
  }

  private static final class NoNetwork implements Network {
    @Override
    public Listener listen(
        InetSocketAddress address, Function<Connection, ConnectionHandler> accept) {
      throw new UnsupportedOperationException("there is no network here");
    }

    @Override
    public void connect(
        InetSocketAddress address,
        Duration timeout,
        Function<Connection, ConnectionHandler> connected,
        Consumer<IOException> failed) {
      throw new UnsupportedOperationException("there is no network here");
    }

    @Override
    public void close() {}
  }
}
