package dev.henge.replication.hashtree;

import dev.henge.base.LittleEndian;
import dev.henge.data.StoredKey;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.VersionVector;
import dev.henge.replication.causality.Versions;
import java.util.List;

/// A key on its way into the tree: where it belongs, and the beginning of its objects' hashes.
///
/// An object's hash covers its key, its vector and its siblings' dots. These name the writes that
/// made the rest, so equal hashes are equal objects without a look at values, however large.
///
/// - Shape: two lanes of 64 bits, each fed word by word: the word is mixed in by exclusive or, the
///   lane multiplied with the lane's own constant to 128 bits, and these folded by exclusive or. It
///   has no state to allocate, as a message digest has. The lanes differ in beginning and constant.
///   Persisted: never change.
/// - Threads: immutable.
/// - Source: the step of Wang Yi's wyhash; constants: fractional parts of square roots of 2, 3, 5
///   and 7, made odd.
public final class HashedKey {
  private static final long BEGIN_HIGH = 0x6a09e667f3bcc909L;
  private static final long BEGIN_LOW = 0xbb67ae8584caa73bL;
  private static final long MULTIPLIER_HIGH = 0x3c6ef372fe94f82bL;
  private static final long MULTIPLIER_LOW = 0xa54ff53a5f1d36f1L;

  private final byte[] storedKey;
  private final int keyOffset;
  private final long high;
  private final long low;

  /// @param storedKey of an object, as [StoredKey] has it; borrowed
  public HashedKey(byte[] storedKey) {
    this.storedKey = storedKey;
    this.keyOffset = StoredKey.HEADER_BYTES;
    long one = BEGIN_HIGH;
    long two = BEGIN_LOW;
    int position = keyOffset;
    for (; position + Long.BYTES <= storedKey.length; position += Long.BYTES) {
      long word = LittleEndian.getLong(storedKey, position);
      one = high(one, word);
      two = low(two, word);
    }
    long rest = 0;
    for (int i = storedKey.length - 1; i >= position; i--) {
      rest = rest << 8 | (storedKey[i] & 0xff);
    }
    long end = (long) storedKey.length - keyOffset;
    this.high = high(high(one, rest), end);
    this.low = low(low(two, rest), end);
  }

  /// The key of the object in the engine.
  public byte[] storedKey() {
    return storedKey;
  }

  public int slot() {
    return StoredKey.slot(storedKey);
  }

  /// Where it belongs within its slot, 0 to [HashTree#LEAVES] - 1.
  public int leaf() {
    return (int) ((high ^ low) >>> (Long.SIZE - HashTree.LEAF_BITS));
  }

  /// The hash of the key with what is known of it.
  public Sum hash(Versions versions) {
    long one = high;
    long two = low;
    VersionVector seen = versions.seen();
    for (int i = 0; i < seen.size(); i++) {
      one = high(high(one, seen.replica(i)), seen.counterAt(i));
      two = low(low(two, seen.replica(i)), seen.counterAt(i));
    }
    List<Version> siblings = versions.siblings();
    for (int i = 0; i < siblings.size(); i++) {
      Version version = siblings.get(i);
      one = high(high(one, version.dot().replica()), version.dot().counter());
      two = low(low(two, version.dot().replica()), version.dot().counter());
    }
    return new Sum(high(one, seen.size()), low(two, seen.size()));
  }

  private static long high(long lane, long word) {
    return mix(lane ^ word, MULTIPLIER_HIGH);
  }

  private static long low(long lane, long word) {
    return mix(lane ^ word, MULTIPLIER_LOW);
  }

  private static long mix(long lane, long multiplier) {
    return lane * multiplier ^ Math.unsignedMultiplyHigh(lane, multiplier);
  }
}
