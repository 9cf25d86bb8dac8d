package dev.henge.server.membership;

import dev.henge.base.Clock;
import dev.henge.base.Seams;
import dev.henge.base.Threads;
import dev.henge.replication.membership.Gossip;
import dev.henge.replication.membership.GossipCodec;
import dev.henge.replication.membership.GossipOptions;
import dev.henge.replication.membership.Liveness;
import dev.henge.replication.membership.MemberState;
import dev.henge.replication.membership.Outgoing;
import dev.henge.server.peer.PeerCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs this node's [Gossip]: gives it time and messages, sends what it says, and answers who is
/// up.
///
/// It follows the members of the metadata, with a tick's delay. Until the first of them has told
/// something everybody is presumed to be up.
///
/// - Bounds: [#MESSAGES_MAX] messages wait; more are dropped, as if the network had lost them.
/// - Threads: the core belongs to the pool's one thread; anybody may ask, or say that a way broke.
/// - Lifetime: begins with [#begin]; owns its pool.
public final class Membership implements Liveness, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  /// Several ticks' worth: on average a member is told by as many as it tells.
  private static final int MESSAGES_MAX = 1024;

  // immutable
  private final GossipOptions options;
  private final long self;
  private final int service;
  private final PeerCalls calls;
  private final Supplier<Set<Long>> members;
  private final Clock clock;
  private final Threads threads;
  private final Threads.Pool pool;

  // owned by the pool's thread
  private final Gossip gossip;
  private long[] known = new long[0];
  private long published;

  private volatile Map<Long, MemberState> states = Map.of();

  /// Since when members have been down, until now.
  private volatile Map<Long, Long> downNanos = Map.of();

  private volatile Threads.@Nullable Timer ticking;

  /// @param incarnation rises with every start of this node
  /// @param service number under which members take each other's messages
  /// @param members of the newest metadata here
  public Membership(
      GossipOptions options,
      long self,
      long incarnation,
      int service,
      PeerCalls calls,
      Supplier<Set<Long>> members,
      Seams seams) {
    this.options = options;
    this.self = self;
    this.service = service;
    this.calls = calls;
    this.members = members;
    clock = seams.clock();
    threads = seams.threads();
    pool = threads.pool("gossip", 1, MESSAGES_MAX);
    gossip = new Gossip(self, incarnation, options, seams.randomness(), clock.monotonicNanos());
    follow();
    publish();
    calls.serve(service, (from, body, responder) -> execute(() -> received(from, body)));
  }

  /// From now on this node tells that it lives.
  public void begin() {
    ticking = threads.every(options.interval(), pool, this::tick);
  }

  @Override
  public boolean isUp(long member) {
    return states.get(member) == MemberState.UP;
  }

  /// What this node believes of each member. Never changes; a newer one takes its place.
  public Map<Long, MemberState> states() {
    return states;
  }

  /// Members that have been down for `span` without a break.
  public Set<Long> downFor(Duration span) {
    long now = clock.monotonicNanos();
    var found = new HashSet<Long>();
    downNanos.forEach((member, since) -> {
      if (now - since >= span.toNanos()) {
        found.add(member);
      }
    });
    return found;
  }

  /// The connection to `member` was lost or refused.
  public void unreachable(long member) {
    execute(() -> then(gossip.broken(member)));
  }

  /// Idempotent.
  @Override
  public void close() {
    Threads.Timer timer = ticking;
    if (timer != null) {
      timer.cancel();
    }
    pool.close();
  }

  private void tick() {
    follow();
    then(gossip.tick(clock.monotonicNanos()));
  }

  private void received(long from, byte[] body) {
    try {
      then(gossip.receive(from, GossipCodec.decode(body), clock.monotonicNanos()));
    } catch (IOException e) {
      LOG.debug("member {} tells what is not known here: {}", from, e.getMessage());
    }
  }

  /// Takes the members of the metadata over. A node that is none, yet or any more, knows itself
  /// only.
  private void follow() {
    Set<Long> now = members.get();
    long[] numbers =
        now.contains(self)
            ? now.stream().mapToLong(Long::longValue).sorted().toArray()
            : new long[] {self};
    if (!Arrays.equals(numbers, known)) {
      known = numbers;
      gossip.members(numbers, clock.monotonicNanos());
    }
  }

  private void then(List<Outgoing> messages) {
    long deadlineMillis = 2 * options.interval().toMillis();
    for (Outgoing one : messages) {
      calls.tell(one.to(), service, GossipCodec.encode(one.message()), deadlineMillis);
    }
    publish();
  }

  private void publish() {
    if (gossip.changes() == published) {
      return;
    }
    published = gossip.changes();
    Map<Long, MemberState> before = states;
    Map<Long, MemberState> after = Map.copyOf(gossip.states());
    states = after;
    long now = clock.monotonicNanos();
    Map<Long, Long> earlier = downNanos;
    var down = new HashMap<Long, Long>();
    after.forEach((member, state) -> {
      if (state == MemberState.DOWN) {
        down.put(member, earlier.getOrDefault(member, now));
      }
      MemberState was = before.getOrDefault(member, MemberState.UP);
      if (was != state) {
        LOG.info("member {} is {}, was {}", member, state, was);
      }
    });
    downNanos = Map.copyOf(down);
  }

  private void execute(Runnable task) {
    try {
      pool.execute(task);
    } catch (RejectedExecutionException full) {
      LOG.debug("a message about members is dropped: {}", full.getMessage());
    }
  }
}
