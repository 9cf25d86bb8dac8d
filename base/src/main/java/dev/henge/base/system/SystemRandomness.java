package dev.henge.base.system;

import dev.henge.base.Randomness;
import java.security.SecureRandom;

/// Chance that nobody can foretell: ids and seeds are drawn from it.
public final class SystemRandomness implements Randomness {
  private final SecureRandom random = new SecureRandom();

  @Override
  public long nextLong() {
    return random.nextLong();
  }
}
