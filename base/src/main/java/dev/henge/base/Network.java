package dev.henge.base;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;

/// Byte streams between this node and others, without saying how they travel.
///
/// Each connection belongs to one event thread: its handler is only called there, and
/// [Connection#execute] is the way back to it from elsewhere.
public interface Network extends AutoCloseable {
  /// Accepts connections at `address` (port 0: any free one) until the listener is closed.
  ///
  /// @param accept makes the handler of each new connection, on its event thread
  /// @throws IOException that names the address when it cannot be had
  Listener listen(InetSocketAddress address, Function<Connection, ConnectionHandler> accept)
      throws IOException;

  /// Begins to connect to `address`, which is resolved; exactly one of the functions is called.
  ///
  /// @param timeout after which the attempt is given up
  /// @param connected makes the connection's handler, on its event thread
  /// @param failed hears why there is no connection, on a thread of the network
  void connect(
      InetSocketAddress address,
      Duration timeout,
      Function<Connection, ConnectionHandler> connected,
      Consumer<IOException> failed);

  /// Closes listeners and connections and ends the event threads.
  @Override
  void close();

  /// An open port.
  interface Listener extends AutoCloseable {
    InetSocketAddress address();

    /// Stops accepting; open connections live on.
    @Override
    void close();
  }
}
