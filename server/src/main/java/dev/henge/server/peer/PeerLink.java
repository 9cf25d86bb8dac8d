package dev.henge.server.peer;

import dev.henge.base.Connection;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way to one member: a queue, and the connection that drains it.
///
/// - A connection is made with the first message and made anew, after a pause that grows, for as
///   long as the member has an address. When it is lost, or cannot be had, what waits is dropped:
///   messages come at most once, and in order while a connection lasts.
/// - Threads: any; the lock is held for a few instructions, never over a callback.
final class PeerLink {
  private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);

  /// Doublings of the pause: beyond any cap.
  private static final int DOUBLINGS_MAX = 16;

  private enum State {
    /// Nothing was sent yet, or the member has no address.
    IDLE,
    CONNECTING,
    READY,
    /// Between two attempts. What is sent meanwhile waits.
    PAUSED,
    CLOSED
  }

  // immutable
  private final long member;
  private final Peers peers;
  private final ReentrantLock lock = new ReentrantLock();

  // guarded by lock
  private final SendQueue queue;
  private State state = State.IDLE;
  private @Nullable OutgoingConnection connection;
  private @Nullable PeerAddress connectedTo;
  private boolean drainAsked;
  private int failures;
  private long readySinceNanos;
  private String lastError = "";

  PeerLink(long member, Peers peers) {
    this.member = member;
    this.peers = peers;
    this.queue = new SendQueue(peers.options().queueBytesMax(), peers.options().lightBytesMax());
  }

  long member() {
    return member;
  }

  Peers peers() {
    return peers;
  }

  /// Queues a sealed frame.
  ///
  /// @param neverLeft runs where it is dropped before it has left
  void send(byte[] frame, boolean carriesData, long expiresNanos, Runnable neverLeft) {
    if (!queued(frame, carriesData, expiresNanos, neverLeft)) {
      neverLeft.run();
    }
  }

  private boolean queued(byte[] frame, boolean carriesData, long expiresNanos, Runnable neverLeft) {
    lock.lock();
    try {
      long now = peers.clock().monotonicNanos();
      if (state == State.CLOSED || !queue.offer(frame, carriesData, expiresNanos, now, neverLeft)) {
        return false;
      }
      if (state == State.IDLE) {
        dial();
      } else if (state == State.READY && connection != null && !drainAsked) {
        drainAsked = true;
        connection.wake();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Writes what waits, as far as the connection takes it, with one flush; on the event thread.
  void drain(OutgoingConnection from, Connection to) {
    boolean wrote = false;
    while (to.writable()) {
      byte[] frame;
      lock.lock();
      try {
        frame = connection == from ? queue.poll(peers.clock().monotonicNanos()) : null;
        if (frame == null) {
          drainAsked = false;
          break;
        }
      } finally {
        lock.unlock();
      }
      to.write(frame, 0, frame.length);
      wrote = true;
    }
    // Where the connection is full, drainAsked stays: it comes back when there is room.
    if (wrote) {
      to.flush();
    }
  }

  /// The other side has agreed to talk; on the event thread, which drains next.
  boolean ready(OutgoingConnection ready) {
    lock.lock();
    try {
      if (state != State.CONNECTING || connection != ready) {
        return false;
      }
      state = State.READY;
      drainAsked = true;
      readySinceNanos = peers.clock().monotonicNanos();
      if (!lastError.isEmpty()) {
        LOG.info("member {} is reached again at {}", member, connectedTo);
      }
      lastError = "";
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// A connection came about: it may greet.
  boolean opened(OutgoingConnection opened) {
    lock.lock();
    try {
      if (state != State.CONNECTING) {
        return false;
      }
      connection = opened;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// The connection is gone, or there is none.
  ///
  /// @param lost null when none came about
  void failed(@Nullable OutgoingConnection lost, String why) {
    boolean news;
    List<Runnable> neverLeft;
    lock.lock();
    try {
      if (state == State.CLOSED || connection != lost) {
        return;
      }
      boolean lasted =
          state == State.READY
              && peers.clock().monotonicNanos() - readySinceNanos
                  > peers.options().backoffMax().toNanos();
      failures = lasted ? 1 : Math.min(failures + 1, DOUBLINGS_MAX);
      news = !why.equals(lastError);
      lastError = why;
      connection = null;
      connectedTo = null;
      neverLeft = queue.clear();
      state = State.PAUSED;
      peers.later(pause(), this::dialAgain);
    } finally {
      lock.unlock();
    }
    if (news) {
      LOG.warn("member {} is not reached: {}", member, why);
    }
    // First: whoever hears of the member being lost takes what is left for possibly received.
    neverLeft.forEach(Runnable::run);
    peers.unreachable(member);
  }

  /// Called from time to time: gives up connections that are silent or lead elsewhere.
  void tick() {
    PeerAddress address = peers.address(member);
    OutgoingConnection open;
    boolean moved;
    lock.lock();
    try {
      open = connection;
      moved = open != null && !Objects.equals(address, connectedTo);
      if (open == null && state == State.IDLE && address != null && !lastError.isEmpty()) {
        dial();
      }
    } finally {
      lock.unlock();
    }
    if (open != null) {
      open.tick(moved);
    }
  }

  PeerStatus status() {
    lock.lock();
    try {
      return new PeerStatus(state == State.READY, lastError, queue.bytes(), queue.droppedCount());
    } finally {
      lock.unlock();
    }
  }

  void close() {
    OutgoingConnection open;
    lock.lock();
    try {
      state = State.CLOSED;
      queue.clear();
      open = connection;
      connection = null;
    } finally {
      lock.unlock();
    }
    if (open != null) {
      open.close();
    }
  }

  private void dialAgain() {
    boolean wanted = peers.address(member) != null;
    lock.lock();
    try {
      if (state == State.PAUSED) {
        if (wanted || !queue.isEmpty()) {
          dial();
        } else {
          state = State.IDLE;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /// Under the lock.
  private void dial() {
    state = State.CONNECTING;
    try {
      peers.pool().execute(this::connect);
    } catch (RejectedExecutionException busy) {
      state = State.IDLE;
      queue.clear();
    }
  }

  /// On the pool, because looking up a name blocks.
  private void connect() {
    PeerAddress address = peers.address(member);
    if (address == null) {
      failed(null, "no address is known");
      return;
    }
    var resolved = new InetSocketAddress(address.host(), address.port());
    if (resolved.isUnresolved()) {
      failed(null, "unknown host " + address.host());
      return;
    }
    lock.lock();
    try {
      if (state != State.CONNECTING) {
        return;
      }
      connectedTo = address;
    } finally {
      lock.unlock();
    }
    peers
        .network()
        .connect(
            resolved,
            peers.options().connectTimeout(),
            connection -> new OutgoingConnection(this, connection),
            error -> failed(null, String.valueOf(error.getMessage())));
  }

  /// Half to all of min * 2^failures, capped.
  private Duration pause() {
    long min = peers.options().backoffMin().toNanos();
    long most = Math.min(peers.options().backoffMax().toNanos(), min << (failures - 1));
    long half = Math.max(1, most / 2);
    return Duration.ofNanos(half + Long.remainderUnsigned(peers.randomness().nextLong(), half));
  }
}
