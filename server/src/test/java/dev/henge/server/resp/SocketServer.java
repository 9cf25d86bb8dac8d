package dev.henge.server.resp;

import dev.henge.base.system.SystemClock;
import dev.henge.base.system.SystemDisk;
import dev.henge.base.system.SystemRandomness;
import dev.henge.base.system.SystemThreads;
import dev.henge.data.Scope;
import dev.henge.server.net.NettyNetwork;
import dev.henge.server.store.Group;
import dev.henge.server.store.Keyspaces;
import dev.henge.storage.LogMode;
import dev.henge.storage.lsm.LsmEngine;
import dev.henge.storage.lsm.LsmOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/// A server on the real engine and a real socket.
final class SocketServer implements AutoCloseable {
  private final SystemThreads threads = new SystemThreads();
  private final NettyNetwork network =
      new NettyNetwork(NettyNetwork.Options.defaults().withEventThreadCount(2));
  private final Group group;
  final RespServer server;
  final int port;

  SocketServer(Path directory, RespOptions options) throws IOException {
    var clock = new SystemClock();
    var engine = LsmEngine.open(directory, LsmOptions.defaults(), new SystemDisk(), clock, threads);
    group = new Group(engine, LogMode.SYNCED, clock, new SystemRandomness());
    var keyspaces = new Keyspaces(group, Scope.Limits.DEFAULT);
    server = new RespServer(options, keyspaces, network, clock, threads);
    port = server.listen(new InetSocketAddress("127.0.0.1", 0)).getPort();
  }

  @Override
  public void close() throws IOException {
    server.close();
    network.close();
    group.close();
    threads.close();
  }
}
