package dev.henge.replication.hashtree;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.LittleEndian;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.replication.causality.Versions;
import dev.henge.storage.EngineException;
import org.jspecify.annotations.Nullable;

/// A leaf of a [HashTree]: what the objects whose keys hash there add up to, and how many they are.
///
/// - Shape: stored in 20 bytes and a little (`FORMAT.md`).
/// - Threads: immutable.
///
/// @param sum of the hashes of objects and tombstones
/// @param objects that have a version that is no tombstone, expired or not
/// @param tombstones objects that have none
/// @param graves of keys that have no object
public record Leaf(Sum sum, int objects, int tombstones, int graves) {
  static final int LAYOUT = 1;

  /// Without anything.
  public static final Leaf EMPTY = new Leaf(Sum.ZERO, 0, 0, 0);

  /// With `after` instead of `before` known of a key.
  ///
  /// @param before [Versions#NONE] where the key had no object
  /// @param after [Versions#NONE] where it has none any more
  public Leaf replace(HashedKey key, Versions before, Versions after) {
    Sum changed = sum;
    if (!before.isNone()) {
      changed = changed.minus(key.hash(before));
    }
    if (!after.isNone()) {
      changed = changed.plus(key.hash(after));
    }
    return new Leaf(
        changed,
        objects + object(after) - object(before),
        tombstones + tombstone(after) - tombstone(before),
        graves);
  }

  /// With so many graves more.
  public Leaf withGraves(int more) {
    return new Leaf(sum, objects, tombstones, graves + more);
  }

  public Leaf plus(Leaf other) {
    return new Leaf(
        sum.plus(other.sum),
        objects + other.objects,
        tombstones + other.tombstones,
        graves + other.graves);
  }

  byte[] encode() {
    byte[] sums = new byte[2 * Long.BYTES];
    LittleEndian.putLong(sums, 0, sum.high());
    LittleEndian.putLong(sums, Long.BYTES, sum.low());
    return new CodecWriter(32)
        .one(LAYOUT)
        .raw(sums)
        .varint(objects)
        .varint(tombstones)
        .varint(graves)
        .toBytes();
  }

  /// @throws EngineException for what cannot have been written so
  static Leaf decode(byte @Nullable [] stored) {
    if (stored == null) {
      return EMPTY;
    }
    var reader = new CodecReader("a leaf of a hash tree", stored);
    try {
      reader.version(LAYOUT);
      byte[] sums = reader.raw(2 * Long.BYTES);
      var leaf =
          new Leaf(
              new Sum(LittleEndian.getLong(sums, 0), LittleEndian.getLong(sums, Long.BYTES)),
              reader.between(0, Integer.MAX_VALUE),
              reader.between(0, Integer.MAX_VALUE),
              reader.between(0, Integer.MAX_VALUE));
      reader.end();
      return leaf;
    } catch (CorruptionException | FormatException e) {
      throw new EngineException(e);
    }
  }

  private static int object(Versions versions) {
    return versions.isNone() || versions.isTombstone() ? 0 : 1;
  }

  private static int tombstone(Versions versions) {
    return versions.isTombstone() ? 1 : 0;
  }
}
