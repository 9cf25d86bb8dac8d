package dev.henge.data;

/// What a write does with the expiry of its object.
public sealed interface Expiry {
  Expiry NONE = new None();
  Expiry KEEP = new Keep();

  /// The object lives for ever (or for the keyspace's default TTL).
  record None() implements Expiry {}

  /// The expiry stays as it is.
  record Keep() implements Expiry {}

  /// At a wall-clock time in milliseconds since the epoch.
  record At(long millis) implements Expiry {}

  /// So many milliseconds after the operation is evaluated.
  record In(long millis) implements Expiry {}
}
