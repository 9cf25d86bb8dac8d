package dev.henge.replication.hashtree;

/// The sum of the hashes of a set of objects: 128 bits, each half added on its own, wrapping.
///
/// Sums need no order: whoever has the same objects has the same sum, and one object is added or
/// taken away without looking at the others.
///
/// - Source: Bellare and Micciancio, "A New Paradigm for Collision-Free Hashing: Incrementality at
///   Reduced Cost" (1997), section 5 (AdHash), without its strength against somebody who chooses
///   objects so that they collide: nobody chooses the versions that are hashed.
public record Sum(long high, long low) {
  /// Of nothing.
  public static final Sum ZERO = new Sum(0, 0);

  public Sum plus(Sum other) {
    return new Sum(high + other.high, low + other.low);
  }

  public Sum minus(Sum other) {
    return new Sum(high - other.high, low - other.low);
  }

  /// Half of it: what is sent where a difference that stays hidden costs little, because the next
  /// write of the place shows it.
  public long half() {
    return high ^ low;
  }
}
