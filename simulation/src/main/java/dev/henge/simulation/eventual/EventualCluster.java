package dev.henge.simulation.eventual;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.Slots;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.replication.causality.HybridClock;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.quorum.Answer;
import dev.henge.replication.quorum.Request;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.simulation.eventual.EventualHistory.Place;
import dev.henge.simulation.fault.Target;
import dev.henge.simulation.network.SimulatedNetwork;
import dev.henge.simulation.world.Causes;
import dev.henge.simulation.world.Machine;
import dev.henge.simulation.world.World;
import dev.henge.storage.Access;
import dev.henge.storage.EngineException;
import dev.henge.storage.WriteRefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Machines with a member each, and who owns what.
///
/// - Threads: the simulation's.
final class EventualCluster implements Target {
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Duration START_AGAIN = Duration.ofMillis(700);

  private final World world;
  private final SeededRandomness random;
  private final SimulatedNetwork network;
  private final EventualMaking making;
  private final ScriptedRing ring;
  private final Rumours rumours;
  private final Site[] sites;
  private final List<String> errors = new ArrayList<>();
  private int damages;
  private int starts;
  private long nextMember = 1;

  /// A machine and what runs on it.
  private static final class Site {
    final int number;
    final Machine machine;
    long member;
    long starts;
    @Nullable EventualLife life;

    /// Whose place its member takes; 0 for nobody's.
    long replaces;

    /// Whether a bit of its disk was flipped, and nobody has noticed.
    boolean damaged;

    Site(int number, Machine machine) {
      this.number = number;
      this.machine = machine;
    }
  }

  EventualCluster(World world, SimulatedNetwork network, EventualMaking making, int machines) {
    this.world = world;
    this.random = world.random().split();
    this.network = network;
    this.making = making;
    this.sites = new Site[machines];
    for (int i = 0; i < machines; i++) {
      var site = new Site(i, new Machine(world, "m" + i));
      sites[i] = site;
      site.member = nextMember++;
      site.machine.onEnd(() -> ended(site));
    }
    this.ring = new ScriptedRing(random, machines);
    this.rumours = new Rumours(world, machines, this::reaches);
  }

  /// Starts all machines.
  void found() {
    for (Site site : sites) {
      open(site);
    }
    rumours.begin();
    look();
  }

  /// Everything works again: everybody knows, and clocks have been set.
  void healed() {
    rumours.end();
    for (Site site : sites) {
      site.machine.rightClocks();
    }
  }

  ScriptedRing ring() {
    return ring;
  }

  /// Disks that were lost or damaged.
  int damages() {
    return damages;
  }

  /// How many replicas there ever were: a member that does not stop cleanly is another one then.
  int replicas() {
    return starts;
  }

  /// Whether all run and are whole.
  boolean isSettled() {
    return Arrays.stream(sites).allMatch(site -> runs(site) && site.replaces == 0);
  }

  /// How many keep copies for others that they have not brought there yet.
  long keepers() {
    return Arrays.stream(sites)
        .map(site -> site.life)
        .filter(life -> life != null && life.isAlive() && !life.hasDelivered())
        .count();
  }

  /// Sends a request to a machine. The answer may never come.
  ///
  /// @param answer hears null where nobody is there: nothing was done
  void submit(
      int machine,
      Place place,
      Request request,
      long timeoutMillis,
      Consumer<@Nullable Answer> answer) {
    travel(() -> {
      EventualLife life = sites[machine].life;
      if (life == null || !life.isAlive()) {
        travel(() -> answer.accept(null));
        return;
      }
      try {
        life.callers()
            .execute(() ->
                life.keyspaces()
                    .execute(
                        ScriptedRing.id(place.keyspace()),
                        bytes(place.key()),
                        request,
                        timeoutMillis,
                        done -> {
                          if (life.isAlive()) {
                            travel(() -> answer.accept(done));
                          }
                        }));
      } catch (RejectedExecutionException busy) {
        travel(() -> answer.accept(null));
      }
    });
  }

  /// What owners hold of a key: everything in every byte, by member.
  Map<Long, String> held(Place place) {
    var held = new TreeMap<Long, String>();
    for (long owner : ring.owners(place.keyspace(), Slots.of(bytes(place.key())))) {
      byte[] stored = stored(owner, place);
      held.put(owner, stored == null ? "nothing" : HexFormat.of().formatHex(stored));
    }
    return held;
  }

  /// Whether an owner holds something whose time others refuse, for it comes from a clock that was
  /// far ahead: where the latest wins, copies agree only when that time has come.
  boolean isAhead(Place place) {
    long now = sites[0].machine.wallMillis();
    for (long owner : ring.owners(place.keyspace(), Slots.of(bytes(place.key())))) {
      byte[] stored = stored(owner, place);
      try {
        if (stored != null
            && StoredVersions.decode(stored).siblings().stream()
                .anyMatch(version -> HybridClock.millis(version.time()) > now)) {
          return true;
        }
      } catch (CorruptionException | FormatException e) {
        throw new IllegalStateException("member " + owner + " holds no versions of " + place, e);
      }
    }
    return false;
  }

  private byte @Nullable [] stored(long member, Place place) {
    for (Site site : sites) {
      EventualLife life = site.life;
      if (site.member == member && life != null && life.isAlive()) {
        KeyspaceReplica replica = life.replica(ScriptedRing.id(place.keyspace()));
        return replica == null ? null : replica.stored(bytes(place.key()), Access.DISK);
      }
    }
    return null;
  }

  /// What has gone wrong inside members and must not.
  List<String> internalErrors() {
    var all = new ArrayList<>(errors);
    for (Site site : sites) {
      if (site.life != null) {
        keepErrors(site.life, all);
      }
    }
    return all;
  }

  String describe() {
    var text = new StringBuilder();
    for (Site site : sites) {
      text.append("machine ")
          .append(site.number)
          .append(" member ")
          .append(site.member)
          .append(site.machine.running() == null ? " (off)" : "")
          .append(site.replaces == 0 ? "" : " in the place of " + site.replaces)
          .append(site.life == null || site.life.hasDelivered() ? "" : " keeps hints")
          .append('\n');
    }
    return text.toString();
  }

  // ---- Target

  @Override
  public int machineCount() {
    return sites.length;
  }

  @Override
  public int keyspaceCount() {
    return ring.keyspaceCount();
  }

  @Override
  public Machine machine(int number) {
    return sites[number].machine;
  }

  @Override
  public SimulatedNetwork network() {
    return network;
  }

  @Override
  public long member(int machine) {
    return sites[machine].member;
  }

  @Override
  public void start(int machine) {
    open(sites[machine]);
  }

  @Override
  public void stop(int machine) {
    Site site = sites[machine];
    EventualLife life = site.life;
    if (life == null || !life.isAlive()) {
      return;
    }
    life.life()
        .runNow(() -> {
          try {
            life.close();
          } catch (IOException e) {
            // One that cannot sync at its end has not acknowledged what is lost.
          }
        });
    if (life.isAlive()) {
      site.machine.stopped();
    }
  }

  /// Nobody leads.
  @Override
  public int leader(int keyspace) {
    return -1;
  }

  @Override
  public List<Integer> voters(int keyspace) {
    return List.of();
  }

  @Override
  public void changeMembers(int keyspace, List<Integer> voters, List<Integer> learners) {
    throw new IllegalStateException("owners change by the ring");
  }

  @Override
  public void transfer(int keyspace, int machine) {
    throw new IllegalStateException("nobody leads");
  }

  @Override
  public void replace(int machine) {
    Site site = sites[machine];
    damages++;
    site.damaged = false;
    // Who takes the place of somebody who took it from another, and never had it, has that.
    long old = site.replaces == 0 ? site.member : site.replaces;
    long gone = site.member;
    site.member = nextMember++;
    site.replaces = old;
    ring.begin(old == gone ? old : gone, site.member);
  }

  @Override
  public void damaged(int machine) {
    sites[machine].damaged = true;
    damages++;
  }

  @Override
  public boolean isCaughtUp(int machine) {
    return sites[machine].replaces == 0 && !sites[machine].damaged;
  }

  // ---- inside

  private boolean reaches(int here, int there) {
    return sites[there].machine.running() != null
        && !network.isBlocked(sites[here].member, sites[there].member)
        && !network.isBlocked(sites[there].member, sites[here].member);
  }

  private boolean believes(Site here, long member) {
    for (Site there : sites) {
      if (there.member == member) {
        return rumours.believes(here.number, there.number);
      }
    }
    return false;
  }

  private void open(Site site) {
    if (site.machine.running() != null) {
      return;
    }
    var incarnation = site.machine.boot();
    starts++;
    site.starts += making.namedAnew() || site.starts == 0 ? 1 : 0;
    try {
      site.life =
          new EventualLife(
              incarnation,
              site.machine,
              network,
              making,
              site.member,
              site.starts,
              ring::routes,
              member -> believes(site, member),
              random.split());
    } catch (IOException | EngineException failed) {
      if (incarnation.isAlive()) {
        startAnew(site, failed);
      }
    } catch (RuntimeException | Error failed) {
      if (incarnation.isAlive()) {
        errors.add("machine " + site.number + " did not open: " + Causes.text(failed));
        site.machine.kill();
      }
    }
  }

  /// The process is gone: what it held in memory is given back, unseen by anybody.
  private void ended(Site site) {
    EventualLife life = site.life;
    if (life == null || life.isAlive()) {
      return;
    }
    site.life = null;
    network.detach(
        site.member, Duration.ofMillis(random.between(1, random.chance(30) ? 3_000 : 5)));
    keepErrors(life, errors);
    try {
      life.close();
    } catch (IOException | RuntimeException | Error afterDeath) {
      // nobody is there to care
    }
  }

  private static void keepErrors(EventualLife life, List<String> target) {
    life.life().errors().forEach(error -> target.add("a task ended with " + Causes.text(error)));
  }

  /// What a supervisor does with a node that failed: starts it again. What is damaged is given up,
  /// and comes back empty under a new identity.
  private void startAnew(Site site, Throwable failure) {
    site.machine.kill();
    if (Causes.include(CorruptionException.class, failure)) {
      site.machine.replaceDisk();
      replace(site.number);
    }
    world.after(START_AGAIN, () -> start(site.number));
  }

  /// Whoever watches a node starts it again when it cannot write any more.
  private void look() {
    for (Site site : sites) {
      EventualLife life = site.life;
      if (life != null && life.isAlive()) {
        try {
          look(site, life);
        } catch (EngineException unreadable) {
          startAnew(site, unreadable);
        }
      }
    }
    world.after(LOOK, this::look);
  }

  private void look(Site site, EventualLife life) {
    if (hasStopped(life)) {
      site.machine.kill();
      world.after(START_AGAIN, () -> start(site.number));
    } else if (site.damaged) {
      replicas(life).forEach(Transfer::read);
    } else if (site.replaces != 0 && Arrays.stream(sites).allMatch(EventualCluster::runs)) {
      take(site, life);
    }
  }

  private static boolean runs(Site site) {
    return site.life != null && site.life.isAlive();
  }

  /// The member gets what it is to own, and owns it then.
  private void take(Site site, EventualLife life) {
    try {
      for (Site other : sites) {
        EventualLife from = other.life;
        for (int i = 0; i < ring.keyspaceCount() && other != site && from != null; i++) {
          KeyspaceReplica source = from.replica(ScriptedRing.id(i));
          KeyspaceReplica target = life.replica(ScriptedRing.id(i));
          if (source == null || target == null) {
            return;
          }
          int keyspace = i;
          Transfer.run(source, target, slot -> ring.owns(site.replaces, keyspace, slot));
        }
      }
    } catch (WriteRefusedException later) {
      return;
    }
    if (life.isAlive()) {
      ring.confirm(site.replaces);
      site.replaces = 0;
    }
  }

  private List<KeyspaceReplica> replicas(EventualLife life) {
    return IntStream.range(0, ring.keyspaceCount())
        .mapToObj(i -> life.replica(ScriptedRing.id(i)))
        .filter(Objects::nonNull)
        .toList();
  }

  private boolean hasStopped(EventualLife life) {
    return replicas(life).stream().anyMatch(one -> one.engine().stoppedBy().isPresent());
  }

  private void travel(Runnable message) {
    world.after(Duration.ofNanos(random.between(50_000, 400_000)), message);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
