package dev.henge.server.peer;

import dev.henge.base.Clock;
import dev.henge.base.Threads;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.group.PeerTransport;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;

/// Requests with answers over a [PeerTransport]: each call is answered, refused, or lost.
///
/// It is the transport's one receiver; what is no call and no answer goes to [#others], which is
/// itself a transport for the groups.
///
/// - Bounds: [#PENDING_MAX] calls under way, [#PENDING_BYTES_MAX] bytes of theirs; more are
///   refused.
/// - Threads: any; listeners and services are called on the transport's threads, timeouts on the
///   pool, and must not hold them up.
public final class PeerCalls implements AutoCloseable {
  /// The receiver has no such service (yet): nothing was done.
  public static final int NO_SERVICE = 1;

  /// Too much waits, here or there: nothing was done.
  public static final int OVERLOADED = 2;

  /// The service itself failed: what it did is not known.
  public static final int FAILED = 3;

  /// Services use numbers from here on for refusals of their own.
  public static final int FIRST_OF_SERVICES = 16;

  /// The number of a call that wants no answer. On the wire: never renumber.
  private static final long NO_ANSWER = 0;

  private static final int PENDING_MAX = 64 << 10;
  private static final long PENDING_BYTES_MAX = 256L << 20;
  private static final Duration TICK = Duration.ofMillis(50);

  /// Hears how a call ended; exactly one method is called, once.
  public interface Listener {
    /// @param body owned by the listener
    void answered(byte[] body);

    /// It was not served.
    ///
    /// @param status [#NO_SERVICE], [#OVERLOADED], [#FAILED] or the service's own
    void refused(int status, byte[] body);

    /// The call never left this node: it was not served. Who makes no difference hears [#lost].
    default void neverLeft() {
      lost();
    }

    /// No answer came in time, or the way to the member broke: whether it was served is not known.
    void lost();
  }

  /// Serves calls of one kind.
  public interface Service {
    /// @param from who calls
    /// @param body owned by the service
    void serve(long from, byte[] body, Responder responder);
  }

  /// Takes the end of a served call, once, from any thread.
  public interface Responder {
    void answer(byte[] body);

    void refuse(int status, byte[] body);
  }

  /// Calls that one start of a node may make, as bits of their numbers.
  private static final int COUNT_BITS = 40;

  private record Pending(long member, int bytes, long expiresNanos, Listener listener) {}

  private final PeerTransport transport;
  private final Clock clock;
  private final Threads.Timer ticking;
  private final Map<Integer, Service> services = new ConcurrentHashMap<>();
  private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
  private final AtomicInteger pendingCount = new AtomicInteger();
  private final AtomicLong pendingBytes = new AtomicLong();
  private final AtomicLong lastNumber;
  private final List<LongConsumer> unreachable = new CopyOnWriteArrayList<>();
  private volatile BiConsumer<Long, PeerMessage> otherReceiver = (from, message) -> {};

  /// @param pool runs what times out
  /// @param incarnation of this node: an answer that is late, to a call of an earlier one, is not
  ///   taken for the answer to a call of this one
  public PeerCalls(
      PeerTransport transport, Clock clock, Threads threads, Threads.Pool pool, long incarnation) {
    this.transport = transport;
    this.clock = clock;
    this.lastNumber = new AtomicLong(incarnation << COUNT_BITS);
    this.ticking = threads.every(TICK, pool, this::expire);
    transport.onReceive(this::received);
    transport.onUnreachable(this::unreachable);
  }

  /// From now on `service` serves calls with `number`. Persisted on the wire: never renumber.
  public void serve(int number, Service service) {
    services.put(number, service);
  }

  /// Calls service `number` of `member`.
  ///
  /// @param body owned by the call
  /// @param deadlineMillis from now on, when the call is lost
  public void call(long member, int number, byte[] body, long deadlineMillis, Listener listener) {
    if (pendingCount.get() >= PENDING_MAX || pendingBytes.get() > PENDING_BYTES_MAX) {
      listener.refused(OVERLOADED, text("too many calls to other nodes are under way"));
      return;
    }
    long id = lastNumber.incrementAndGet();
    long expiresNanos = clock.monotonicNanos() + deadlineMillis * 1_000_000;
    pendingCount.incrementAndGet();
    pendingBytes.addAndGet(body.length);
    pending.put(id, new Pending(member, body.length, expiresNanos, listener));
    transport.send(
        member, new PeerMessage.Call(id, number, body), deadlineMillis, () -> neverLeft(id));
  }

  /// Calls service `number` of `member` without wanting to know how that ends: nothing is kept of
  /// it here, and the service's answer goes nowhere.
  ///
  /// @param body owned by the call
  /// @param deadlineMillis from now on, for how long it is of use
  public void tell(long member, int number, byte[] body, long deadlineMillis) {
    transport.send(member, new PeerMessage.Call(NO_ANSWER, number, body), deadlineMillis);
  }

  /// The transport for everything that is no call.
  public PeerTransport others() {
    return new PeerTransport() {
      @Override
      public void send(long member, PeerMessage message, long deadlineMillis) {
        transport.send(member, message, deadlineMillis);
      }

      @Override
      public void send(long member, PeerMessage message, long deadlineMillis, Runnable neverLeft) {
        transport.send(member, message, deadlineMillis, neverLeft);
      }

      @Override
      public void onReceive(BiConsumer<Long, PeerMessage> receiver) {
        otherReceiver = receiver;
      }

      @Override
      public void onUnreachable(LongConsumer listener) {
        unreachable.add(listener);
      }
    };
  }

  /// Calls under way are lost.
  @Override
  public void close() {
    ticking.cancel();
    for (Map.Entry<Long, Pending> one : pending.entrySet()) {
      lose(one.getKey());
    }
  }

  private void received(long from, PeerMessage message) {
    switch (message) {
      case PeerMessage.Call call -> serve(from, call);
      case PeerMessage.Answer answer -> {
        Pending asked = pending.get(answer.number());
        if (asked != null && asked.member() == from && remove(answer.number(), asked)) {
          if (answer.status() == 0) {
            asked.listener().answered(answer.body());
          } else {
            asked.listener().refused(answer.status(), answer.body());
          }
        }
      }
      case PeerMessage.GroupMessages groups -> otherReceiver.accept(from, groups);
      case PeerMessage.SnapshotRequest request -> otherReceiver.accept(from, request);
      case PeerMessage.SnapshotChunk chunk -> otherReceiver.accept(from, chunk);
    }
  }

  private void serve(long from, PeerMessage.Call call) {
    var responder = new Answering(from, call.number());
    Service service = services.get(call.service());
    if (service == null) {
      responder.refuse(NO_SERVICE, text("no service " + call.service() + " here"));
    } else {
      service.serve(from, call.body(), responder);
    }
  }

  private void unreachable(long member) {
    for (Map.Entry<Long, Pending> one : pending.entrySet()) {
      if (one.getValue().member() == member) {
        lose(one.getKey());
      }
    }
    unreachable.forEach(listener -> listener.accept(member));
  }

  private void expire() {
    long now = clock.monotonicNanos();
    for (Map.Entry<Long, Pending> one : pending.entrySet()) {
      if (one.getValue().expiresNanos() - now <= 0) {
        lose(one.getKey());
      }
    }
  }

  private void neverLeft(long id) {
    Pending dropped = pending.get(id);
    if (dropped != null && remove(id, dropped)) {
      dropped.listener().neverLeft();
    }
  }

  private void lose(long id) {
    Pending lost = pending.get(id);
    if (lost != null && remove(id, lost)) {
      lost.listener().lost();
    }
  }

  private boolean remove(long id, Pending one) {
    if (!pending.remove(id, one)) {
      return false;
    }
    pendingCount.decrementAndGet();
    pendingBytes.addAndGet(-one.bytes());
    return true;
  }

  private static byte[] text(String sentence) {
    return sentence.getBytes(StandardCharsets.UTF_8);
  }

  /// Answers one call.
  private final class Answering implements Responder {
    /// An answer is of use for as long as its caller may wait, at most.
    private static final long ANSWER_MILLIS = 30_000;

    private final long member;
    private final long number;

    Answering(long member, long number) {
      this.member = member;
      this.number = number;
    }

    @Override
    public void answer(byte[] body) {
      send(0, body);
    }

    @Override
    public void refuse(int status, byte[] body) {
      send(status, body);
    }

    private void send(int status, byte[] body) {
      if (number != NO_ANSWER) {
        transport.send(member, new PeerMessage.Answer(number, status, body), ANSWER_MILLIS);
      }
    }
  }
}
