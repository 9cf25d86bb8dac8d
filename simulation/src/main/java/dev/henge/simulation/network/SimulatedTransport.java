package dev.henge.simulation.network;

import dev.henge.base.Threads;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.group.PeerTransport;
import dev.henge.simulation.world.Incarnation;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// How one life of a node reaches the others; dead with it.
///
/// - Threads: the simulation's; what arrives is handed to a pool of the node.
public final class SimulatedTransport implements PeerTransport {
  private static final int QUEUE_COUNT_MAX = 10_000;

  private final SimulatedNetwork network;
  private final Incarnation life;
  private final long member;
  private final Threads.Pool pool;
  private @Nullable BiConsumer<Long, PeerMessage> receiver;
  private LongConsumer listener = lost -> {};

  /// @param member number of the node that sends and receives with it
  public SimulatedTransport(SimulatedNetwork network, Incarnation life, long member) {
    this.network = network;
    this.life = life;
    this.member = member;
    this.pool = life.pool("peers", 1, QUEUE_COUNT_MAX);
    network.attach(this);
  }

  long member() {
    return member;
  }

  @Override
  public void send(long to, PeerMessage message, long deadlineMillis) {
    if (life.isAlive()) {
      network.send(this, to, message, deadlineMillis);
    }
  }

  @Override
  public void onReceive(BiConsumer<Long, PeerMessage> hears) {
    receiver = hears;
  }

  @Override
  public void onUnreachable(LongConsumer hears) {
    listener = hears;
  }

  void receive(long from, PeerMessage message) {
    BiConsumer<Long, PeerMessage> hears = receiver;
    if (hears != null) {
      hand(() -> hears.accept(from, message));
    }
  }

  void unreachable(long other) {
    hand(() -> listener.accept(other));
  }

  private void hand(Runnable task) {
    if (!life.isAlive()) {
      return;
    }
    try {
      pool.execute(task);
    } catch (RejectedExecutionException full) {
      // as a full socket buffer whose connection is given up
    }
  }
}
