package dev.henge.base;

import java.io.IOException;
import java.net.InetSocketAddress;
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
