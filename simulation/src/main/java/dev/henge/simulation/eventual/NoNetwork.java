package dev.henge.simulation.eventual;

import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import dev.henge.base.Network;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;

/// No byte streams: what runs on it has another way to its peers.
enum NoNetwork implements Network {
  INSTANCE;

  @Override
  public Listener listen(InetSocketAddress address, Function<Connection, ConnectionHandler> accept)
      throws IOException {
    throw new IOException("there is no network to listen on");
  }

  @Override
  public void connect(
      InetSocketAddress address,
      Duration timeout,
      Function<Connection, ConnectionHandler> connected,
      Consumer<IOException> failed) {
    failed.accept(new IOException("there is no network"));
  }

  @Override
  public void close() {}
}
