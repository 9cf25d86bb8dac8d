package dev.henge.simulation.network;

import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import dev.henge.base.Threads;
import dev.henge.simulation.world.Incarnation;
import dev.henge.simulation.world.World;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Byte streams between machines, as TCP has them: in order, and broken rather than with a gap.
///
/// A blocked way holds bytes back until it is open again or an end gives up; a process that ends
/// leaves connections that break soon, or are silent for ever. What may be lost, doubled and
/// overtaken while [#unruly] are the messages above ([UnrulyPort]).
///
/// - Threads: the simulation's.
public final class Streams extends UnsteadyLinks {
  /// The first port of machine 0; each machine has [#PORTS] of them.
  private static final int FIRST_PORT = 10_000;

  private static final int PORTS = 10;

  /// An open port.
  record Listening(
      Incarnation life,
      long machine,
      Threads.Pool events,
      Function<Connection, ConnectionHandler> accept) {}

  private final Map<Integer, Listening> listeners = new HashMap<>();
  private final List<Stream> open = new ArrayList<>();
  private final Map<Integer, Integer> connects = new HashMap<>();

  /// @param latencyMicrosMax the longest usual way
  public Streams(World world, long latencyMicrosMax) {
    super(world, latencyMicrosMax);
  }

  /// The first of a machine's ports.
  public static int port(int machine) {
    return FIRST_PORT + PORTS * machine;
  }

  static int machine(int port) {
    return (port - FIRST_PORT) / PORTS;
  }

  /// How often anybody has reached what listens on `port`.
  public int connectCount(int port) {
    return connects.getOrDefault(port, 0);
  }

  @Override
  public void reset(long a, long b) {
    for (Stream stream : List.copyOf(open)) {
      if (stream.isBetween(a, b)) {
        stream.breakDown();
      }
    }
  }

  @Override
  void onBlocked(Link link) {
    // bytes wait, and the ends find out by themselves
  }

  /// The process on a machine has ended: what others have open to it breaks, where they hear of it.
  public void ended(long machine, Incarnation life) {
    listeners.values().removeIf(listening -> listening.life() == life);
    Duration noticed = Duration.ofMillis(random().between(1, random().chance(30) ? 3_000 : 5));
    for (Stream stream : List.copyOf(open)) {
      if (stream.isOf(life)) {
        world()
            .after(
                noticed,
                () -> {
                  if (!isBlocked(machine, stream.other(machine))) {
                    stream.breakDown();
                  }
                });
      }
    }
  }

  void gone(Stream stream) {
    open.remove(stream);
  }

  void listen(int port, Listening listening) throws IOException {
    Listening before = listeners.get(port);
    if (before != null && before.life().isAlive()) {
      throw new IOException("port " + port + " is taken");
    }
    listeners.put(port, listening);
  }

  void close(int port, Listening listening) {
    listeners.remove(port, listening);
  }

  void connect(
      Incarnation life,
      long machine,
      Threads.Pool events,
      InetSocketAddress address,
      Duration timeout,
      Function<Connection, ConnectionHandler> connected,
      Consumer<IOException> failed) {
    int port = address.getPort();
    long target = machine(port);
    world()
        .at(
            world().nowNanos() + wayNanos(machine, target),
            () -> {
              if (!life.isAlive()) {
                return;
              }
              Listening found = listeners.get(port);
              @Nullable Listening there = found != null && found.life().isAlive() ? found : null;
              if (isBlocked(machine, target) || isBlocked(target, machine)) {
                world()
                    .after(
                        timeout,
                        () ->
                            NodeNetwork.hand(
                                life,
                                events,
                                () -> failed.accept(new SocketTimeoutException("no answer"))));
              } else if (there == null) {
                NodeNetwork.hand(
                    life, events, () -> failed.accept(new ConnectException("nobody listens")));
              } else {
                connects.merge(port, 1, Integer::sum);
                var stream = new Stream(this, life, machine, events, there, address);
                open.add(stream);
                stream.begin(there.accept(), connected, wayNanos(target, machine));
              }
            });
  }
}
