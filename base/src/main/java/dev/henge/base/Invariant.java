package dev.henge.base;

/// Checks that stay on in production: a failure is a bug, and stops the owner rather than go on
/// wrong.
public final class Invariant {
  private Invariant() {}

  public static void check(boolean holds, String message) {
    if (!holds) {
      throw new IllegalStateException("invariant broken: " + message);
    }
  }
}
