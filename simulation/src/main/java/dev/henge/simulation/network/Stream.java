package dev.henge.simulation.network;

import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import dev.henge.base.Threads;
import dev.henge.simulation.world.Incarnation;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One connection between two processes, with an end at each.
///
/// - Threads: the simulation's; handlers are called on the event threads of their nodes.
final class Stream {
  /// Bytes under way in one direction above which an end is not writable.
  private static final long HIGH_WATER_BYTES = 1 << 20;

  /// In place of bytes: the stream ends here.
  private static final byte[] END = {};

  private final Streams streams;
  private final End client;
  private final End server;

  Stream(
      Streams streams,
      Incarnation life,
      long machine,
      Threads.Pool events,
      Streams.Listening there,
      InetSocketAddress address) {
    this.streams = streams;
    this.client = new End(life, machine, events, address);
    this.server =
        new End(
            there.life(),
            there.machine(),
            there.events(),
            new InetSocketAddress(
                InetAddress.getLoopbackAddress(), Streams.port((int) machine) + 9));
  }

  /// Tells both ends.
  ///
  /// @param backNanos until the client knows
  void begin(
      Function<Connection, ConnectionHandler> accept,
      Function<Connection, ConnectionHandler> connected,
      long backNanos) {
    server.hand(() -> server.opened(accept.apply(server)));
    streams
        .world()
        .at(
            streams.world().nowNanos() + backNanos,
            () -> client.hand(() -> client.opened(connected.apply(client))));
  }

  boolean isBetween(long a, long b) {
    return (client.machine == a && server.machine == b)
        || (client.machine == b && server.machine == a);
  }

  boolean isOf(Incarnation life) {
    return client.life == life || server.life == life;
  }

  long other(long machine) {
    return client.machine == machine ? server.machine : client.machine;
  }

  /// Both ends lose what is under way, and hear of it.
  void breakDown() {
    client.lost();
    server.lost();
  }

  /// What one process sees of the connection.
  private final class End implements Connection {
    private final Incarnation life;
    private final long machine;
    private final Threads.Pool events;
    private final InetSocketAddress remote;
    private final ByteArrayOutputStream unflushed = new ByteArrayOutputStream();
    private final Deque<byte[]> arrived = new ArrayDeque<>();
    private @Nullable ConnectionHandler handler;
    private long lastArrivalNanos;
    private long underWayBytes;
    private boolean full;
    private boolean reading = true;
    private boolean waiting;
    private boolean closed;

    End(Incarnation life, long machine, Threads.Pool events, InetSocketAddress remote) {
      this.life = life;
      this.machine = machine;
      this.events = events;
      this.remote = remote;
    }

    /// Where the connection broke before it had a handler, that one hears of it now.
    private void opened(ConnectionHandler made) {
      handler = made;
      if (closed) {
        hand(made::closed);
      }
    }

    private End peer() {
      return this == client ? server : client;
    }

    @Override
    public InetSocketAddress remoteAddress() {
      return remote;
    }

    @Override
    public InetSocketAddress localAddress() {
      return peer().remote;
    }

    @Override
    public void write(byte[] source, int offset, int length) {
      unflushed.write(source, offset, length);
    }

    @Override
    public void flush() {
      if (unflushed.size() > 0 && !closed) {
        byte[] bytes = unflushed.toByteArray();
        unflushed.reset();
        underWayBytes += bytes.length;
        full |= underWayBytes >= HIGH_WATER_BYTES;
        send(bytes);
      }
    }

    @Override
    public long unsentBytes() {
      return underWayBytes + unflushed.size();
    }

    @Override
    public boolean writable() {
      return underWayBytes < HIGH_WATER_BYTES;
    }

    @Override
    public void readEnabled(boolean enabled) {
      reading = enabled;
      if (enabled) {
        deliver();
      }
    }

    @Override
    public void execute(Runnable task) {
      if (life.isAlive()) {
        events.execute(task);
      }
    }

    @Override
    public boolean inEventThread() {
      return false;
    }

    @Override
    public void close() {
      hand(() -> {
        if (!closed) {
          flush();
          send(END);
          over();
        }
      });
    }

    private void send(byte[] bytes) {
      if (!life.isAlive()) {
        return;
      }
      long arrival = streams.world().nowNanos() + streams.wayNanos(machine, peer().machine);
      arrival = Math.max(arrival, lastArrivalNanos + 1);
      lastArrivalNanos = arrival;
      streams.world().at(arrival, () -> peer().arrive(bytes));
    }

    private void arrive(byte[] bytes) {
      if (!closed) {
        arrived.add(bytes);
        deliver();
      }
    }

    /// What has arrived goes to the handler, unless the way is blocked: then it is sent again after
    /// a while.
    private void deliver() {
      if (waiting || !reading) {
        return;
      }
      if (streams.isBlocked(peer().machine, machine)) {
        waiting = true;
        streams
            .world()
            .after(
                Duration.ofMillis(streams.random().between(50, 800)),
                () -> {
                  waiting = false;
                  deliver();
                });
        return;
      }
      while (!arrived.isEmpty() && !closed) {
        byte[] bytes = arrived.remove();
        peer().taken(bytes.length);
        hand(() -> receive(bytes));
      }
    }

    private void receive(byte[] bytes) {
      ConnectionHandler told = handler;
      if (closed || told == null) {
        return;
      }
      if (bytes.length == 0) {
        told.inputEnded();
        if (!closed) {
          over();
        }
        return;
      }
      streams.delivered(peer().machine, machine);
      told.received(ByteBuffer.wrap(bytes));
      told.receiveComplete();
    }

    private void taken(int bytes) {
      underWayBytes -= bytes;
      if (full && underWayBytes < HIGH_WATER_BYTES / 2) {
        full = false;
        hand(() -> {
          ConnectionHandler told = handler;
          if (!closed && told != null) {
            told.writabilityChanged();
          }
        });
      }
    }

    private void lost() {
      hand(() -> {
        if (!closed) {
          over();
        }
      });
    }

    private void over() {
      closed = true;
      arrived.clear();
      if (peer().closed || !peer().life.isAlive()) {
        streams.gone(Stream.this);
      }
      ConnectionHandler told = handler;
      if (told != null) {
        hand(told::closed);
      }
    }

    private void hand(Runnable task) {
      NodeNetwork.hand(life, events, task);
    }
  }
}
