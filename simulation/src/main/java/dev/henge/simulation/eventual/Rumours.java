package dev.henge.simulation.eventual;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.simulation.world.World;
import java.time.Duration;
import java.util.function.BiPredicate;

/// What each member believes of every other: the truth, late, and now and then for a while the
/// opposite.
///
/// - Threads: the simulation's.
final class Rumours {
  private static final Duration LOOK = Duration.ofMillis(200);

  /// Of a hundred looks: how often what is wrong is noticed, and what is right is doubted.
  private static final int NOTICED = 25;

  private static final int DOUBTED = 1;

  private final World world;
  private final SeededRandomness random;
  private final int machines;
  private final BiPredicate<Integer, Integer> truth;
  private final boolean[][] believed;
  private final long[][] doubtedUntilNanos;
  private boolean quiet;

  /// @param truth whether the first machine can reach the second
  Rumours(World world, int machines, BiPredicate<Integer, Integer> truth) {
    this.world = world;
    this.random = world.random().split();
    this.machines = machines;
    this.truth = truth;
    this.believed = new boolean[machines][machines];
    this.doubtedUntilNanos = new long[machines][machines];
  }

  void begin() {
    learn();
    world.after(LOOK, this::look);
  }

  /// From now on only the truth is believed.
  void end() {
    quiet = true;
    learn();
  }

  boolean believes(int here, int there) {
    return here == there
        || believed[here][there] == (world.nowNanos() >= doubtedUntilNanos[here][there]);
  }

  private void look() {
    for (int here = 0; here < machines; here++) {
      for (int there = 0; there < machines; there++) {
        boolean right = truth.test(here, there);
        if (right != believed[here][there]) {
          believed[here][there] = random.chance(quiet ? 100 : NOTICED) == right;
        } else if (!quiet && random.chance(DOUBTED)) {
          doubtedUntilNanos[here][there] =
              world.nowNanos() + random.between(300, 4_000) * 1_000_000;
        }
      }
    }
    world.after(LOOK, this::look);
  }

  private void learn() {
    for (int here = 0; here < machines; here++) {
      for (int there = 0; there < machines; there++) {
        believed[here][there] = truth.test(here, there);
        doubtedUntilNanos[here][there] = 0;
      }
    }
  }
}
