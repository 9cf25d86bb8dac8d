package dev.henge.simulation.network;

import dev.henge.consensus.group.PeerMessage;
import dev.henge.simulation.world.World;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
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
public final class SimulatedNetwork extends UnsteadyLinks {
  private final Map<Long, SimulatedTransport> transports = new TreeMap<>();
  private final Map<Link, Long> lastArrivals = new HashMap<>();
  private final Map<Link, Long> resets = new HashMap<>();
  private long lostCount;
  private long duplicatedCount;

  /// @param latencyMicrosMax the longest usual way
  public SimulatedNetwork(World world, long latencyMicrosMax) {
    super(world, latencyMicrosMax);
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
    world()
        .after(
            noticed,
            () -> {
              if (!transports.containsKey(member)) {
                transports.values().forEach(other -> other.unreachable(member));
              }
            });
  }

  /// Both ends notice after some seconds.
  @Override
  void onBlocked(Link link) {
    world().after(Duration.ofMillis(random().between(500, 4_000)), () -> notice(link));
  }

  /// What is under way between two members is lost.
  @Override
  public void reset(long a, long b) {
    for (Link link : new Link[] {new Link(a, b), new Link(b, a)}) {
      resets.merge(link, 1L, Long::sum);
      SimulatedTransport sender = transports.get(link.from());
      if (sender != null) {
        sender.unreachable(link.to());
      }
    }
  }

  void send(SimulatedTransport from, long to, PeerMessage message, long deadlineMillis) {
    var link = new Link(from.member(), to);
    boolean loose =
        !(message instanceof PeerMessage.Call) && !(message instanceof PeerMessage.Answer);
    if (isBlocked(link.from(), link.to()) || (loose && chanceToLose())) {
      lostCount++;
      return;
    }
    PeerMessage received = PeerWire.through(from.member(), to, message);
    transmit(link, received, loose, deadlineMillis);
    if (loose && chanceToDuplicate()) {
      duplicatedCount++;
      transmit(link, received, true, deadlineMillis);
    }
  }

  private void transmit(Link link, PeerMessage message, boolean loose, long deadlineMillis) {
    long delay = wayNanos(link.from(), link.to());
    if (delay > deadlineMillis * 1_000_000L) {
      lostCount++;
      return;
    }
    long arrival = world().nowNanos() + delay;
    if (!loose || !chanceToReorder()) {
      arrival = Math.max(arrival, lastArrivals.getOrDefault(link, 0L) + 1);
      lastArrivals.put(link, arrival);
    }
    long reset = resets.getOrDefault(link, 0L);
    world().at(arrival, () -> arrive(link, message, reset));
  }

  private void arrive(Link link, PeerMessage message, long reset) {
    @Nullable SimulatedTransport target = transports.get(link.to());
    if (isBlocked(link.from(), link.to()) || reset != resets.getOrDefault(link, 0L)) {
      lostCount++;
    } else if (target == null) {
      lostCount++;
      SimulatedTransport sender = transports.get(link.from());
      if (sender != null) {
        sender.unreachable(link.to());
      }
    } else {
      delivered(link.from(), link.to());
      target.receive(link.from(), message);
    }
  }

  private void notice(Link link) {
    if (isBlocked(link.from(), link.to())) {
      for (long end : new long[] {link.from(), link.to()}) {
        SimulatedTransport transport = transports.get(end);
        if (transport != null) {
          transport.unreachable(end == link.from() ? link.to() : link.from());
        }
      }
    }
  }
}
