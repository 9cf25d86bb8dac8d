package dev.henge.simulation.network;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.simulation.world.World;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// All links between members.
///
/// Usually a link is a connection: messages arrive in order, or it was reset and all that was under
/// way is lost. While [#unruly], messages of Raft and of images are also lost one by one,
/// duplicated and reordered; calls keep to the promise of
/// [dev.henge.consensus.group.PeerTransport].
///
/// - Threads: the simulation's.
public final class SimulatedNetwork implements Links {
  /// One direction between two members.
  private record Link(long from, long to) {}

  private final World world;
  private final SeededRandomness random;
  private final long latencyMicrosMax;
  private final Map<Long, SimulatedTransport> transports = new TreeMap<>();
  private final Map<Link, Long> lastArrivals = new HashMap<>();
  private final Map<Link, Long> resets = new HashMap<>();
  private final Map<Link, Integer> slowness = new HashMap<>();
  private final Set<Link> blocked = new HashSet<>();
  private int losePercent;
  private int duplicatePercent;
  private int reorderPercent;

  private long deliveredCount;
  private long lostCount;
  private long duplicatedCount;

  /// @param latencyMicrosMax the longest usual way
  public SimulatedNetwork(World world, long latencyMicrosMax) {
    this.latencyMicrosMax = latencyMicrosMax;
    this.world = world;
    this.random = world.random().split();
  }

  @Override
  public long deliveredCount() {
    return deliveredCount;
  }

  public long lostCount() {
    return lostCount;
  }

  public long duplicatedCount() {
    return duplicatedCount;
  }

  /// From now on `transport` receives what is sent to its member.
  void attach(SimulatedTransport transport) {
    transports.put(transport.member(), transport);
  }

  /// Nobody is at `member` any more. The others learn it when `noticed` has passed.
  public void detach(long member, Duration noticed) {
    transports.remove(member);
    world.after(
        noticed,
        () -> {
          if (!transports.containsKey(member)) {
            transports.values().forEach(other -> other.unreachable(member));
          }
        });
  }

  /// Nothing gets from `from` to `to`; both notice after some seconds.
  @Override
  public void block(Collection<Long> from, Collection<Long> to) {
    for (long sender : from) {
      for (long receiver : to) {
        var link = new Link(sender, receiver);
        if (sender != receiver && blocked.add(link)) {
          world.after(Duration.ofMillis(random.between(500, 4_000)), () -> notice(link));
        }
      }
    }
  }

  /// Messages arrive again, everywhere.
  @Override
  public void unblockAll() {
    blocked.clear();
  }

  /// What is under way between two members is lost.
  @Override
  public void reset(long a, long b) {
    for (Link link : new Link[] {new Link(a, b), new Link(b, a)}) {
      resets.merge(link, 1L, Long::sum);
      SimulatedTransport sender = transports.get(link.from);
      if (sender != null) {
        sender.unreachable(link.to);
      }
    }
  }

  /// Messages between two members take `factor` times as long, both ways; 1 is usual.
  @Override
  public void slowDown(long a, long b, int factor) {
    slowness.put(new Link(a, b), factor);
    slowness.put(new Link(b, a), factor);
  }

  /// Percentages of messages; zeros are usual.
  @Override
  public void unruly(int lose, int duplicate, int reorder) {
    losePercent = lose;
    duplicatePercent = duplicate;
    reorderPercent = reorder;
  }

  /// As it should be.
  @Override
  public void heal() {
    unblockAll();
    slowness.clear();
    unruly(0, 0, 0);
  }

  void send(SimulatedTransport from, long to, PeerMessage message, long deadlineMillis) {
    var link = new Link(from.member(), to);
    boolean loose =
        !(message instanceof PeerMessage.Call) && !(message instanceof PeerMessage.Answer);
    if (blocked.contains(link) || (loose && random.chance(losePercent))) {
      lostCount++;
      return;
    }
    PeerMessage received = PeerWire.through(from.member(), to, message);
    transmit(link, received, loose, deadlineMillis);
    if (loose && random.chance(duplicatePercent)) {
      duplicatedCount++;
      transmit(link, received, true, deadlineMillis);
    }
  }

  private void transmit(Link link, PeerMessage message, boolean loose, long deadlineMillis) {
    long delay = random.between(50, latencyMicrosMax * (random.chance(3) ? 10 : 1)) * 1_000L;
    delay *= slowness.getOrDefault(link, 1);
    if (delay > deadlineMillis * 1_000_000L) {
      lostCount++;
      return;
    }
    long arrival = world.nowNanos() + delay;
    if (!loose || !random.chance(reorderPercent)) {
      arrival = Math.max(arrival, lastArrivals.getOrDefault(link, 0L) + 1);
      lastArrivals.put(link, arrival);
    }
    long reset = resets.getOrDefault(link, 0L);
    world.at(arrival, () -> arrive(link, message, reset));
  }

  private void arrive(Link link, PeerMessage message, long reset) {
    @Nullable SimulatedTransport target = transports.get(link.to);
    if (blocked.contains(link) || reset != resets.getOrDefault(link, 0L)) {
      lostCount++;
    } else if (target == null) {
      lostCount++;
      SimulatedTransport sender = transports.get(link.from);
      if (sender != null) {
        sender.unreachable(link.to);
      }
    } else {
      deliveredCount++;
      world.trace().add(link.from * 1_000 + link.to);
      target.receive(link.from, message);
    }
  }

  private void notice(Link link) {
    if (blocked.contains(link)) {
      for (long end : new long[] {link.from, link.to}) {
        SimulatedTransport transport = transports.get(end);
        if (transport != null) {
          transport.unreachable(end == link.from ? link.to : link.from);
        }
      }
    }
  }
}
