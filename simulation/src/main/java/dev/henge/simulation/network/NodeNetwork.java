package dev.henge.simulation.network;

import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import dev.henge.base.Network;
import dev.henge.base.Threads;
import dev.henge.simulation.world.Incarnation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;

/// The network as one life of a node sees it.
///
/// - Threads: the simulation's; one event thread of the node.
public final class NodeNetwork implements Network {
  private static final int QUEUE_COUNT_MAX = 100_000;

  private final Streams streams;
  private final Incarnation life;
  private final long machine;
  private final Threads.Pool events;

  /// @param machine on which the node runs
  public NodeNetwork(Streams streams, Incarnation life, long machine) {
    this.streams = streams;
    this.life = life;
    this.machine = machine;
    this.events = life.pool("event", 1, QUEUE_COUNT_MAX);
  }

  @Override
  public Listener listen(InetSocketAddress address, Function<Connection, ConnectionHandler> accept)
      throws IOException {
    var listening = new Streams.Listening(life, machine, events, accept);
    streams.listen(address.getPort(), listening);
    return new Listener() {
      @Override
      public InetSocketAddress address() {
        return address;
      }

      @Override
      public void close() {
        streams.close(address.getPort(), listening);
      }
    };
  }

  @Override
  public void connect(
      InetSocketAddress address,
      Duration timeout,
      Function<Connection, ConnectionHandler> connected,
      Consumer<IOException> failed) {
    streams.connect(life, machine, events, address, timeout, connected, failed);
  }

  /// What is open ends with the process.
  @Override
  public void close() {
    events.close();
  }

  /// Runs `task` on an event thread of a process that still runs.
  static void hand(Incarnation life, Threads.Pool events, Runnable task) {
    if (life.isAlive()) {
      try {
        events.execute(task);
      } catch (RejectedExecutionException closing) {
        // as a process that no longer looks after its sockets
      }
    }
  }
}
