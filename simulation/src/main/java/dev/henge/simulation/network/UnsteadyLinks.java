package dev.henge.simulation.network;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.simulation.world.World;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What befalls ways, whatever travels on them: they are blocked, slow and unruly.
///
/// - Threads: the simulation's.
abstract class UnsteadyLinks implements Links {
  /// One direction between two ends.
  record Link(long from, long to) {}

  private final World world;
  private final SeededRandomness random;
  private final long latencyMicrosMax;
  private final Map<Link, Integer> slowness = new HashMap<>();
  private final Set<Link> blocked = new HashSet<>();
  private int losePercent;
  private int duplicatePercent;
  private int reorderPercent;
  private long deliveredCount;

  /// @param latencyMicrosMax the longest usual way
  UnsteadyLinks(World world, long latencyMicrosMax) {
    this.world = world;
    this.random = world.random().split();
    this.latencyMicrosMax = latencyMicrosMax;
  }

  @Override
  public final long deliveredCount() {
    return deliveredCount;
  }

  @Override
  public final void block(Collection<Long> from, Collection<Long> to) {
    for (long sender : from) {
      for (long receiver : to) {
        var link = new Link(sender, receiver);
        if (sender != receiver && blocked.add(link)) {
          onBlocked(link);
        }
      }
    }
  }

  @Override
  public final void unblockAll() {
    blocked.clear();
  }

  @Override
  public final void slowDown(long a, long b, int factor) {
    slowness.put(new Link(a, b), factor);
    slowness.put(new Link(b, a), factor);
  }

  @Override
  public final void unruly(int lose, int duplicate, int reorder) {
    losePercent = lose;
    duplicatePercent = duplicate;
    reorderPercent = reorder;
  }

  @Override
  public final void heal() {
    unblockAll();
    slowness.clear();
    unruly(0, 0, 0);
  }

  /// Nothing gets over `link` from now on.
  abstract void onBlocked(Link link);

  final World world() {
    return world;
  }

  final SeededRandomness random() {
    return random;
  }

  /// Whether nothing gets from `from` to `to`.
  public final boolean isBlocked(long from, long to) {
    return blocked.contains(new Link(from, to));
  }

  final boolean chanceToLose() {
    return random.chance(losePercent);
  }

  final boolean chanceToDuplicate() {
    return random.chance(duplicatePercent);
  }

  final boolean chanceToReorder() {
    return random.chance(reorderPercent);
  }

  /// How long what leaves now is under way.
  final long wayNanos(long from, long to) {
    long micros = random.between(50, latencyMicrosMax * (random.chance(3) ? 10 : 1));
    return micros * 1_000L * slowness.getOrDefault(new Link(from, to), 1);
  }

  final void delivered(long from, long to) {
    deliveredCount++;
    world.trace().add(from * 1_000 + to);
  }
}
