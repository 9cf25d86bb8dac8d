package dev.henge.simulation.node;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.simulation.network.Streams;
import dev.henge.simulation.world.World;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A node of another cluster is started where a member was, at its address: the two clusters meet,
/// and must not merge. Then the member returns.
///
/// - Threads: the simulation's.
final class Meeting implements Operator.Plan {
  private static final long LASTS_NANOS = 4_000_000_000L;

  private final NodeCluster cluster;
  private final World world;
  private final Operator operator;
  private final SeededRandomness random;
  private final List<String> wrongs = new ArrayList<>();
  private @Nullable Site member;
  private @Nullable Site stranger;
  private long begunNanos;
  private int connectsBefore;
  private boolean again;
  private String clusterId = "";

  Meeting(NodeCluster cluster, World world, Operator operator) {
    this.cluster = cluster;
    this.world = world;
    this.operator = operator;
    this.random = world.random().split();
  }

  /// Whether what runs, or may run, on a site is not what should.
  boolean occupies(Site site) {
    return site == member || site == stranger;
  }

  @Override
  public boolean look() {
    Site away = member;
    Site there = stranger;
    if (away == null || there == null) {
      begin();
      return false;
    }
    int port = Streams.port(away.number());
    if (there.machine().running() == null) {
      // Told to join the others: a node that is of a cluster stays of it.
      cluster.boot(there, port, again ? Streams.port(away.number() == 0 ? 1 : 0) : 0);
      return false;
    }
    NodeLife node = there.node;
    if (node != null && node.isServing()) {
      judge(node);
    }
    if (world.nowNanos() - begunNanos < LASTS_NANOS
        || clusterId.isEmpty()
        || cluster.streams().connectCount(port + 2) == connectsBefore) {
      return false;
    }
    if (!again) {
      again = true;
      begunNanos = world.nowNanos();
      there.machine().kill();
      return false;
    }
    operator.count("met");
    there.machine().kill();
    there.wipe();
    there.use = Site.Use.SPARE;
    member = null;
    stranger = null;
    cluster.start(away.number());
    return true;
  }

  private void begin() {
    List<Site> able = cluster.serving();
    Site free = null;
    for (Site site : cluster.sites()) {
      if (site.use == Site.Use.SPARE && site.machine().running() == null) {
        free = site;
      }
    }
    if (able.size() < 3 || free == null) {
      return;
    }
    Site away = random.oneOf(able);
    away.machine().kill();
    free.wipe();
    member = away;
    stranger = free;
    begunNanos = world.nowNanos();
    connectsBefore = cluster.streams().connectCount(Streams.port(away.number()) + 2);
  }

  private void judge(NodeLife node) {
    String id = node.metadata().clusterId();
    if (clusterId.isEmpty()) {
      clusterId = id;
    }
    if (!id.equals(clusterId) || node.metadata().members().size() != 1) {
      wrongs.add("a cluster that met another is now " + node.metadata());
    }
    if (id.equals(cluster.newest().clusterId())) {
      wrongs.add("two clusters have merged: " + node.metadata());
    }
  }

  List<String> wrongs() {
    return wrongs;
  }

  @Override
  public String toString() {
    return "a meeting of two clusters";
  }
}
