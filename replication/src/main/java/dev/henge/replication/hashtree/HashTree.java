package dev.henge.replication.hashtree;

import dev.henge.base.Invariant;
import dev.henge.base.Slots;
import dev.henge.data.StoredKey;
import dev.henge.storage.Cursor;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The hash tree over this node's copies of one keyspace.
///
/// - Shape: [#LEAVES] leaves in each slot, records of the engine, put in the batch of the object
///   that changed them: after a crash they are what the data is, and are never built anew. A slot's
///   sum is that of its leaves; it is read when first asked for and kept from then on, at most 48
///   bytes a slot. All slots' sum is the root.
/// - Cost: a write reads one record more and writes one more, of about 30 bytes with its key.
/// - Invariants: (1) each leaf is the sum over the objects of its slot whose keys hash to it; (2) a
///   slot's sum, where it is known, is that of its leaves in the engine's latest state.
/// - Threads: all calls for a slot exclude each other by the caller's lock, which also covers the
///   append of the batch.
/// - Source: Merkle, "A Digital Signature Based on a Conventional Encryption Function" (1987); sums
///   in the place of hashes of hashes, because a write then touches one leaf and no path.
public final class HashTree {
  static final int LEAF_BITS = 6;

  /// Leaves of a slot. Persisted: never change.
  public static final int LEAVES = 1 << LEAF_BITS;

  private final int keyspaceId;
  private final @Nullable Leaf[] slots = new Leaf[Slots.COUNT];

  public HashTree(int keyspaceId) {
    this.keyspaceId = keyspaceId;
  }

  /// The leaf of a key.
  ///
  /// @param reader of the engine's latest state
  public Leaf leaf(Reader reader, HashedKey key) {
    return Leaf.decode(reader.get(StoredKey.hashLeaf(keyspaceId, key.slot(), key.leaf())));
  }

  /// Adds to `batch` what the leaf of `key` is then.
  public void put(WriteBatch batch, HashedKey key, Leaf after) {
    put(batch, key.slot(), key.leaf(), after);
  }

  void put(WriteBatch batch, int slot, int number, Leaf after) {
    Invariant.check(
        after.objects() >= 0 && after.tombstones() >= 0 && after.graves() >= 0,
        "a leaf has no less than nothing");
    byte[] leafKey = StoredKey.hashLeaf(keyspaceId, slot, number);
    if (after.equals(Leaf.EMPTY)) {
      batch.delete(leafKey);
    } else {
      batch.put(leafKey, after.encode());
    }
  }

  /// The batch that changed a leaf of `slot` was appended.
  public void appended(int slot, Leaf before, Leaf after) {
    Leaf sum = slots[slot];
    if (sum != null) {
      slots[slot] = sum.minus(before).plus(after);
    }
  }

  /// All leaves of a slot together.
  ///
  /// @param reader of the engine's latest state; used only where the slot is asked for the first
  ///   time
  public Leaf slot(Reader reader, int slot) {
    Leaf known = slots[slot];
    if (known != null) {
      return known;
    }
    Leaf sum = Leaf.EMPTY;
    for (Leaf leaf : leaves(reader, slot)) {
      sum = sum.plus(leaf);
    }
    slots[slot] = sum;
    return sum;
  }

  /// The leaves of a slot, [#LEAVES] of them.
  public Leaf[] leaves(Reader reader, int slot) {
    var leaves = new Leaf[LEAVES];
    Arrays.fill(leaves, Leaf.EMPTY);
    byte[] end = StoredKey.kindStart(keyspaceId, slot, StoredKey.HASH_LEAF + 1);
    try (Cursor cursor = reader.cursor()) {
      cursor.seek(StoredKey.kindStart(keyspaceId, slot, StoredKey.HASH_LEAF));
      while (cursor.valid() && Arrays.compareUnsigned(cursor.key(), end) < 0) {
        int number = StoredKey.userKey(cursor.key())[0] & 0xff;
        leaves[number] = Leaf.decode(cursor.value());
        cursor.next();
      }
    }
    return leaves;
  }

  /// The slot's records were changed by something else than [#put].
  public void forget(int slot) {
    slots[slot] = null;
  }
}
