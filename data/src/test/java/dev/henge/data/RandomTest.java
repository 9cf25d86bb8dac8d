package dev.henge.data;

import dev.henge.base.simulated.Seeds;
import java.util.Random;
import java.util.function.Consumer;

/// Runs a test with one random generator after another; a failure names its seed.
final class RandomTest {
  private RandomTest() {}

  static void run(String name, int rounds, Consumer<Random> test) {
    for (long seed : Seeds.of(name, rounds)) {
      try {
        test.accept(new Random(seed));
      } catch (Throwable failure) {
        throw new AssertionError(name + " fails, again with -Dseed=" + seed, failure);
      }
    }
  }
}
