package dev.henge.server.peer;

import dev.henge.base.Clock;
import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import dev.henge.base.Invariant;
import dev.henge.base.Network;
import dev.henge.base.Randomness;
import dev.henge.base.Threads;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.group.PeerTransport;
import dev.henge.consensus.raft.Message;
import dev.henge.server.peer.wire.Hello;
import dev.henge.server.peer.wire.Welcome;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The transport between nodes: one connection to each member that something was sent to, one from
/// each member that sends.
///
/// - Order: [#listen] first (the port may be wanted for joining), then [#identify]; before that
///   nodes that call are told to come again, and nothing is sent.
/// - Dead peers: signs of life travel on every connection, whatever the groups do, so a lost peer
///   is told by [#onUnreachable] within [PeerOptions#lifeTimeout], and again with every failed
///   attempt.
/// - TLS: given with the network ([dev.henge.server.net.NettyNetwork#secured]).
/// - Threads: any. Listeners are called on event threads and on the transport's own pool.
/// - Lifetime: [#close] closes connections and ends the pool; the network belongs to others.
public final class Peers implements PeerTransport, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Peers.class);

  /// Tasks: an attempt to connect for each member, and the ticks.
  private static final int POOL_QUEUE_COUNT = 4096;

  /// Members that metadata here does not know yet and that have called.
  private static final int STRANGERS_MAX = 64;

  /// Members of whose last refusal the reason is known.
  private static final int REFUSALS_MAX = 1000;

  /// Answers what a guest asks; called on an event thread.
  public interface GuestService {
    /// @param answer takes the answer, once, from any thread
    void asked(PeerMessage.Call call, Consumer<PeerMessage.Answer> answer);
  }

  private record Stranger(String nodeId, PeerAddress address) {}

  // immutable
  private final PeerOptions options;
  private final Network network;
  private final PeerDirectory directory;
  private final Clock clock;
  private final Randomness randomness;
  private final Threads threads;
  private final Threads.Pool pool;
  private final Threads.Timer ticking;

  private final Map<Long, PeerLink> links = new ConcurrentHashMap<>();
  private final Map<Long, Long> incarnations = new ConcurrentHashMap<>();
  private final Map<Long, IncomingConnection> incoming = new ConcurrentHashMap<>();
  // those that have not greeted, and guests, too
  private final List<IncomingConnection> open = new CopyOnWriteArrayList<>();
  private final Map<Long, Stranger> strangers = new ConcurrentHashMap<>();
  private final Map<Long, String> refusals = new ConcurrentHashMap<>();
  private final List<Network.Listener> listeners = new CopyOnWriteArrayList<>();
  private final List<LongConsumer> unreachable = new CopyOnWriteArrayList<>();
  private volatile @Nullable PeerIdentity identity;
  private volatile BiConsumer<Long, PeerMessage> receiver = (from, message) -> {};
  private volatile GuestService guestService =
      (call, answer) ->
          answer.accept(new PeerMessage.Answer(call.number(), PeerCalls.NO_SERVICE, new byte[0]));
  private volatile boolean closed;

  public Peers(
      PeerOptions options,
      Network network,
      PeerDirectory directory,
      Clock clock,
      Randomness randomness,
      Threads threads) {
    this.options = options;
    this.network = network;
    this.directory = directory;
    this.clock = clock;
    this.randomness = randomness;
    this.threads = threads;
    this.pool = threads.pool("peer", 2, POOL_QUEUE_COUNT);
    this.ticking = threads.every(options.lifeInterval(), pool, this::tick);
  }

  /// Accepts other nodes at `address` (port 0: any free one).
  ///
  /// @return the address in use
  public InetSocketAddress listen(InetSocketAddress address) throws IOException {
    Network.Listener listener = network.listen(address, this::accept);
    listeners.add(listener);
    return listener.address();
  }

  /// Who this node is; once, when it is known.
  public void identify(PeerIdentity self) {
    Invariant.check(identity == null, "a node has one identity");
    identity = self;
  }

  /// Who answers nodes that are no members.
  public void onGuest(GuestService service) {
    guestService = service;
  }

  @Override
  public void onReceive(BiConsumer<Long, PeerMessage> listener) {
    receiver = listener;
  }

  @Override
  public void onUnreachable(LongConsumer listener) {
    unreachable.add(listener);
  }

  @Override
  public void send(long member, PeerMessage message, long deadlineMillis) {
    send(member, message, deadlineMillis, SendQueue.NOBODY);
  }

  @Override
  public void send(long member, PeerMessage message, long deadlineMillis, Runnable neverLeft) {
    PeerIdentity self = identity;
    if (self == null || closed || deadlineMillis <= 0) {
      neverLeft.run();
      return;
    }
    Invariant.check(member != self.member(), "a node does not talk to itself");
    byte[] frame = frame(member, message, deadlineMillis);
    if (frame.length - Frames.HEADER_BYTES > options.frameBytesMax()) {
      LOG.warn("a message of {} bytes to member {} is too long", frame.length, member);
      neverLeft.run();
      return;
    }
    links
        .computeIfAbsent(member, number -> new PeerLink(number, this))
        .send(
            frame,
            carriesData(message),
            clock.monotonicNanos() + deadlineMillis * 1_000_000,
            neverLeft);
  }

  /// How the way to `member` is.
  public PeerStatus status(long member) {
    PeerLink link = links.get(member);
    return link == null ? new PeerStatus(false, "", 0, 0) : link.status();
  }

  @Override
  public void close() {
    closed = true;
    ticking.cancel();
    listeners.forEach(Network.Listener::close);
    links.values().forEach(PeerLink::close);
    open.forEach(IncomingConnection::close);
    pool.close();
  }

  PeerOptions options() {
    return options;
  }

  Clock clock() {
    return clock;
  }

  Randomness randomness() {
    return randomness;
  }

  Network network() {
    return network;
  }

  Threads.Pool pool() {
    return pool;
  }

  PeerDirectory directory() {
    return directory;
  }

  PeerIdentity identity() {
    return Objects.requireNonNull(identity, "identified before anything is sent");
  }

  void later(Duration delay, Runnable task) {
    threads.after(delay, pool, task);
  }

  /// Where to find `member`; null when nobody knows.
  @Nullable PeerAddress address(long member) {
    PeerAddress known = directory.address(member);
    if (known != null) {
      return known;
    }
    Stranger stranger = strangers.get(member);
    return stranger != null
            && directory.standing(member, stranger.nodeId()) == PeerDirectory.Standing.UNKNOWN
        ? stranger.address()
        : null;
  }

  /// A sealed frame to a member.
  byte[] frame(long member, @Nullable PeerMessage message, long deadlineMillis) {
    PeerIdentity self = identity();
    return Frames.seal(
        PeerCodec.encode(
            new Envelope(
                self.clusterHash(),
                self.member(),
                member,
                self.incarnation(),
                directory.epoch(),
                (int) Math.min(deadlineMillis, Integer.MAX_VALUE),
                message),
            Frames.HEADER_BYTES));
  }

  byte[] guestFrame(PeerMessage message) {
    return Frames.seal(
        PeerCodec.encode(new Envelope(0, 0, 0, 0, 0, 0, message), Frames.HEADER_BYTES));
  }

  void receive(long from, PeerMessage message) {
    receiver.accept(from, message);
  }

  void asked(PeerMessage.Call call, Consumer<PeerMessage.Answer> answer) {
    guestService.asked(call, answer);
  }

  void unreachable(long member) {
    unreachable.forEach(listener -> listener.accept(member));
  }

  void heardEpoch(long member, long epoch) {
    if (epoch > directory.epoch()) {
      directory.newerEpoch(member, epoch);
    }
  }

  /// Whether `reason` is another one than that of the last refusal of `member`.
  boolean isNews(long member, String reason) {
    if (refusals.size() >= REFUSALS_MAX) {
      refusals.clear();
    }
    return !reason.equals(refusals.put(member, reason));
  }

  /// Lets a node in that has greeted, or says why not.
  @Nullable Welcome admit(Hello hello, IncomingConnection from) {
    long member = hello.getFrom();
    Welcome refusal =
        Handshake.refusal(hello, identity, directory, incarnations.getOrDefault(member, 0L));
    if (refusal != null || Handshake.isGuest(hello)) {
      return refusal;
    }
    incarnations.merge(member, hello.getIncarnation(), Math::max);
    String nodeId = Handshake.nodeId(hello);
    if (directory.standing(member, nodeId) == PeerDirectory.Standing.UNKNOWN
        && strangers.size() < STRANGERS_MAX) {
      strangers.put(
          member, new Stranger(nodeId, new PeerAddress(hello.getHost(), hello.getPort())));
    } else {
      strangers.remove(member);
    }
    IncomingConnection before = incoming.put(member, from);
    if (before != null) {
      before.close();
    }
    heardEpoch(member, hello.getEpoch());
    return null;
  }

  /// Whether a member that was let in is still one.
  boolean mayStay(Hello hello) {
    return switch (directory.standing(hello.getFrom(), Handshake.nodeId(hello))) {
      case MEMBER, UNKNOWN -> true;
      case BARRED, IMPOSTOR -> false;
    };
  }

  void gone(IncomingConnection connection, long member) {
    open.remove(connection);
    incoming.remove(member, connection);
  }

  private ConnectionHandler accept(Connection connection) {
    if (closed || open.size() >= options.incomingCountMax()) {
      LOG.warn("{} is refused: too many connections", connection.remoteAddress());
      connection.close();
      return new Refused();
    }
    var accepted = new IncomingConnection(this, connection);
    open.add(accepted);
    return accepted;
  }

  private void tick() {
    links.values().forEach(PeerLink::tick);
    try {
      open.forEach(IncomingConnection::tick);
    } catch (RejectedExecutionException closing) {
      LOG.debug("the network is closing", closing);
    }
  }

  private static boolean carriesData(PeerMessage message) {
    return switch (message) {
      case PeerMessage.GroupMessages groups -> {
        for (PeerMessage.GroupMessage one : groups.messages()) {
          if (one.message() instanceof Message.Append append && !append.entries().isEmpty()) {
            yield true;
          }
        }
        yield false;
      }
      case PeerMessage.SnapshotRequest request -> false;
      case PeerMessage.SnapshotChunk chunk -> true;
      case PeerMessage.Call call -> true;
      case PeerMessage.Answer answer -> true;
    };
  }

  /// A connection that was one too many.
  private static final class Refused implements ConnectionHandler {
    @Override
    public void received(ByteBuffer bytes) {}

    @Override
    public void receiveComplete() {}

    @Override
    public void inputEnded() {}

    @Override
    public void writabilityChanged() {}

    @Override
    public void closed() {}
  }
}
