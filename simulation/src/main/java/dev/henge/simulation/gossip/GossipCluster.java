package dev.henge.simulation.gossip;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.replication.membership.Gossip;
import dev.henge.replication.membership.GossipCodec;
import dev.henge.replication.membership.GossipMessage;
import dev.henge.replication.membership.GossipOptions;
import dev.henge.replication.membership.MemberState;
import dev.henge.replication.membership.Outgoing;
import dev.henge.server.peer.Envelope;
import dev.henge.server.peer.PeerCodec;
import dev.henge.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/// Any number of members that gossip, without the nodes around them, over links that lose messages.
///
/// Members are 1, 2, ...; each ticks at a phase of its own. A message takes [#LATENCY_MILLIS_MAX]
/// at most.
///
/// - Threads: one.
public final class GossipCluster {
  static final int LATENCY_MILLIS_MAX = 20;

  /// What the frame and the envelope between nodes add to a message, but for the length of its
  /// body.
  private static final int OVERHEAD_BYTES = overheadBytes();

  /// A member as it is now.
  private static final class Site {
    Gossip gossip;
    boolean runs = true;
    long life = 1;
    long pausedUntilNanos;
    long changes;

    Site(Gossip gossip) {
      this.gossip = gossip;
    }
  }

  private final World world;
  private final GossipOptions options;
  private final SeededRandomness chances;
  private final long[] members;
  private final List<Site> sites = new ArrayList<>();
  private final Set<List<Long>> cut = new HashSet<>();
  private final boolean throughBytes;
  private int lossPercent;
  private long sentBytes;
  private long sentCount;

  /// @param throughBytes every message travels as bytes; otherwise it is encoded for its length
  ///   only
  public GossipCluster(
      World world, int count, GossipOptions options, int lossPercent, boolean throughBytes) {
    this.world = world;
    this.options = options;
    this.chances = world.random().split();
    this.lossPercent = lossPercent;
    this.throughBytes = throughBytes;
    this.members = LongStream.rangeClosed(1, count).toArray();
    for (long member : members) {
      sites.add(new Site(begin(member, 1)));
      long phase = chances.between(0, interval() - 1);
      world.at(world.nowNanos() + phase, () -> tick(member, 1));
    }
  }

  private Gossip begin(long member, long incarnation) {
    var gossip = new Gossip(member, incarnation, options, chances.split(), world.nowNanos());
    gossip.members(members, world.nowNanos());
    return gossip;
  }

  public int size() {
    return sites.size();
  }

  public Gossip gossip(long member) {
    return site(member).gossip;
  }

  public MemberState state(long of, long at) {
    return gossip(at).state(of);
  }

  /// Of those who run, how many believe `state` of the member, itself not counted.
  public int count(long of, MemberState state) {
    int count = 0;
    for (long at : members) {
      count += at != of && site(at).runs && state(of, at) == state ? 1 : 0;
    }
    return count;
  }

  /// Members that run.
  public int running() {
    int count = 0;
    for (Site site : sites) {
      count += site.runs ? 1 : 0;
    }
    return count;
  }

  /// Whether every member that runs has heard of all.
  public boolean allKnown() {
    for (Site site : sites) {
      if (site.runs && site.gossip.knownCount() < sites.size()) {
        return false;
      }
    }
    return true;
  }

  /// Pairs of members that run of whom one does not believe the other to be up.
  public long wronged() {
    long wronged = 0;
    for (long of : members) {
      if (site(of).runs) {
        wronged += running() - 1 - count(of, MemberState.UP);
      }
    }
    return wronged;
  }

  /// Whose belief of anybody has changed since this was asked last.
  public List<Long> changed() {
    var changed = new ArrayList<Long>();
    for (long member : members) {
      Site site = site(member);
      if (site.runs && site.gossip.changes() != site.changes) {
        site.changes = site.gossip.changes();
        changed.add(member);
      }
    }
    return changed;
  }

  public long sentBytes() {
    return sentBytes;
  }

  public long sentCount() {
    return sentCount;
  }

  public void lose(int percent) {
    lossPercent = percent;
  }

  /// The member stops for good, in the middle of whatever.
  public void kill(long member) {
    site(member).runs = false;
    site(member).life++;
  }

  /// A killed member starts again.
  public void restart(long member, long incarnation) {
    Site site = site(member);
    site.runs = true;
    site.gossip = begin(member, incarnation);
    site.changes = site.gossip.changes();
    tick(member, site.life);
  }

  /// The member does nothing for a while; what is sent to it waits.
  public void pause(long member, Duration pause) {
    site(member).pausedUntilNanos = world.nowNanos() + pause.toNanos();
  }

  /// From now on nothing comes from one to the other.
  public void cut(long from, long to) {
    cut.add(List.of(from, to));
  }

  public void heal() {
    cut.clear();
  }

  public void run(Duration time) {
    world.runUntil(world.nowNanos() + time.toNanos());
  }

  /// Runs for so many intervals.
  public void rounds(int count) {
    run(options.interval().multipliedBy(count));
  }

  private long interval() {
    return options.interval().toNanos();
  }

  private Site site(long member) {
    return sites.get((int) member - 1);
  }

  private void tick(long member, long life) {
    Site site = site(member);
    if (!site.runs || site.life != life) {
      return;
    }
    long now = world.nowNanos();
    if (now < site.pausedUntilNanos) {
      world.at(site.pausedUntilNanos, () -> tick(member, life));
      return;
    }
    send(member, site.gossip.tick(now));
    world.at(now + interval(), () -> tick(member, life));
  }

  private void send(long from, List<Outgoing> messages) {
    for (Outgoing one : messages) {
      byte[] bytes = GossipCodec.encode(one.message());
      sentBytes += OVERHEAD_BYTES + bytes.length + (bytes.length < 128 ? 1 : 2);
      sentCount++;
      if ((cut.isEmpty() || !cut.contains(List.of(from, one.to())))
          && !chances.chance(lossPercent)) {
        long latency = chances.between(100_000, LATENCY_MILLIS_MAX * 1_000_000L);
        GossipMessage message = throughBytes ? decoded(bytes) : one.message();
        long life = site(one.to()).life;
        world.at(world.nowNanos() + latency, () -> receive(from, one.to(), life, message));
      }
    }
  }

  private void receive(long from, long to, long life, GossipMessage message) {
    Site site = site(to);
    if (!site.runs || site.life != life) {
      return;
    }
    if (world.nowNanos() < site.pausedUntilNanos) {
      world.at(site.pausedUntilNanos, () -> receive(from, to, life, message));
      return;
    }
    send(to, site.gossip.receive(from, message, world.nowNanos()));
  }

  private static GossipMessage decoded(byte[] bytes) {
    try {
      return GossipCodec.decode(bytes);
    } catch (java.io.IOException e) {
      throw new IllegalStateException("a message cannot be read by who wrote it", e);
    }
  }

  private static int overheadBytes() {
    var call = new PeerMessage.Call(0, 7, new byte[0]);
    int headBytes = 2 * Integer.BYTES;
    return headBytes + PeerCodec.encode(new Envelope(1, 1000, 1000, 3, 100, 1000, call), 0).length;
  }
}
