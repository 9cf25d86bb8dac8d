package dev.henge.base.simulated;

import dev.henge.base.Randomness;
import java.util.List;
import java.util.SplittableRandom;

/// Chance that a seed repeats.
///
/// - Threads: one.
public final class SeededRandomness implements Randomness {
  private final SplittableRandom random;

  public SeededRandomness(long seed) {
    this(new SplittableRandom(seed));
  }

  private SeededRandomness(SplittableRandom random) {
    this.random = random;
  }

  /// A source of its own, so that what one part draws does not shift what another finds.
  public SeededRandomness split() {
    return new SeededRandomness(random.split());
  }

  @Override
  public long nextLong() {
    return random.nextLong();
  }

  /// Uniform in `[low, high]`.
  public long between(long low, long high) {
    return random.nextLong(low, high + 1);
  }

  /// True in `percent` of a hundred cases.
  public boolean chance(int percent) {
    return nextInt(100) < percent;
  }

  /// One of `choices`, which must not be empty.
  public <T> T oneOf(List<T> choices) {
    return choices.get(nextInt(choices.size()));
  }
}
