package dev.henge.replication.causality;

import dev.henge.base.Invariant;

/// One write of a key that no other write has replaced.
///
/// @param dot its name
/// @param time when it happened, of a [HybridClock]; decides where the latest wins
/// @param kind of value
/// @param flags of the value, any of [#RAW], [#TEXT], [#BLIND]
/// @param expiryMillis wall-clock milliseconds since the epoch; 0 for never
/// @param payload borrowed, never changed: a string's bytes, or a counter's sum, 8 bytes
///   little-endian; empty for a tombstone
@SuppressWarnings("ArrayRecordComponent") // compared by its dot, which names the write
public record Version(Dot dot, long time, Kind kind, int flags, long expiryMillis, byte[] payload) {
  /// How OBJECT ENCODING answers, as of stored strings. Flags are persisted: never renumber.
  public static final int RAW = 2;

  public static final int TEXT = 4;

  /// Written by somebody who had read nothing: the same replica's next such write replaces it.
  public static final int BLIND = 16;

  static final int KNOWN_FLAGS = RAW | TEXT | BLIND;

  private static final byte[] NOTHING = {};

  /// What a write left.
  public enum Kind {
    STRING(1),
    /// What one replica has added to a counter, all in all.
    COUNTER(2),
    /// The key was deleted; only where the latest wins, elsewhere nothing is left of a deletion.
    TOMBSTONE(3);

    /// Persisted: never renumber.
    final int number;

    Kind(int number) {
      this.number = number;
    }
  }

  public Version {
    Invariant.check((flags & ~KNOWN_FLAGS) == 0, "flags are known");
    Invariant.check(kind != Kind.COUNTER || payload.length == Long.BYTES, "a sum has 8 bytes");
  }

  public static Version string(Dot dot, long time, int flags, long expiryMillis, byte[] payload) {
    return new Version(dot, time, Kind.STRING, flags, expiryMillis, payload);
  }

  public static Version counter(Dot dot, long time, long expiryMillis, long sum) {
    byte[] payload = new byte[Long.BYTES];
    for (int i = 0; i < Long.BYTES; i++) {
      payload[i] = (byte) (sum >>> (8 * i));
    }
    return new Version(dot, time, Kind.COUNTER, 0, expiryMillis, payload);
  }

  public static Version tombstone(Dot dot, long time) {
    return new Version(dot, time, Kind.TOMBSTONE, 0, 0, NOTHING);
  }

  /// A counter's part.
  public long sum() {
    long sum = 0;
    for (int i = Long.BYTES - 1; i >= 0; i--) {
      sum = sum << 8 | (payload[i] & 0xff);
    }
    return sum;
  }

  boolean isExpired(long now) {
    return expiryMillis != 0 && expiryMillis <= now;
  }

  public boolean isBlind() {
    return (flags & BLIND) != 0;
  }

  /// Whether it wins over `other` where the latest does.
  public boolean isLaterThan(Version other) {
    return time != other.time ? time > other.time : dot.replica() > other.dot.replica();
  }

  /// Equal dots are the same write.
  @Override
  public boolean equals(Object object) {
    return object instanceof Version other && dot.equals(other.dot);
  }

  @Override
  public int hashCode() {
    return dot.hashCode();
  }
}
