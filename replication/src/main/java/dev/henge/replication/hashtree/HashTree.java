package dev.henge.replication.hashtree;

import dev.henge.base.CorruptionException;
import dev.henge.base.Invariant;
import dev.henge.base.Slots;
import dev.henge.data.StoredKey;
import dev.henge.storage.Cursor;
import dev.henge.storage.EngineException;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The hash tree over this node's copies of one keyspace.
///
/// - Shape: [#LEAVES] leaves in each slot, records of the engine, put in the batch of the object
///   that changed them: after a crash they are what the data is, and are never built anew. A slot's
///   leaves are read when it is first asked for and kept in memory from then on, half a kilobyte
///   each; a slot's sum is that of its leaves, the root's that of the slots.
/// - Cost: a write puts one record of about 30 bytes more and reads none once its slot is known.
/// - Number of leaves: two copies of ten million keys that differ in a thousand, spread over 970
///   slots, send 0.43 MB of leaves and hashes with 16 leaves a slot, by arithmetic; 0.57 with 64,
///   1.25 with 4. Fewer leaves are also fewer different records to write.
/// - Invariants: (1) each leaf is the sum over the objects of its slot whose keys hash to it; (2)
///   what is kept in memory is what the engine's latest state has.
/// - Threads: all calls for a slot exclude each other by the caller's lock, which also covers the
///   append of the batch.
/// - Source: Merkle, "A Digital Signature Based on a Conventional Encryption Function" (1987); sums
///   in the place of hashes of hashes, because a write then touches one leaf and no path.
public final class HashTree {
  static final int LEAF_BITS = 4;

  /// Leaves of a slot. Persisted: never change.
  public static final int LEAVES = 1 << LEAF_BITS;

  private final int keyspaceId;
  private final @Nullable SlotLeaves[] slots = new SlotLeaves[Slots.COUNT];

  public HashTree(int keyspaceId) {
    this.keyspaceId = keyspaceId;
  }

  /// The leaves of a slot; the tree's own.
  ///
  /// @param reader of the engine's latest state; used only where the slot is asked for the first
  ///   time
  public SlotLeaves slot(Reader reader, int slot) {
    SlotLeaves known = slots[slot];
    if (known == null) {
      known = read(reader, slot);
      slots[slot] = known;
    }
    return known;
  }

  /// Adds to `batch` what the leaf of `key` is then.
  public void put(WriteBatch batch, HashedKey key, Leaf after) {
    put(batch, key.slot(), key.leaf(), after);
  }

  /// The batch that changed the leaf of `key` was appended.
  public void appended(HashedKey key, Leaf after) {
    SlotLeaves known = slots[key.slot()];
    if (known != null) {
      known.set(key.leaf(), after);
    }
  }

  /// The slot's records were changed by something else than [#put].
  public void forget(int slot) {
    slots[slot] = null;
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

  SlotLeaves read(Reader reader, int slot) {
    var leaves = new SlotLeaves();
    byte[] end = StoredKey.kindStart(keyspaceId, slot, StoredKey.HASH_LEAF + 1);
    try (Cursor cursor = reader.cursor()) {
      cursor.seek(StoredKey.kindStart(keyspaceId, slot, StoredKey.HASH_LEAF));
      while (cursor.valid()) {
        byte[] key = cursor.key();
        if (Arrays.compareUnsigned(key, end) >= 0) {
          break;
        }
        int number = key.length == StoredKey.HEADER_BYTES + 1 ? key[StoredKey.HEADER_BYTES] : -1;
        if (number < 0 || number >= LEAVES) {
          throw new EngineException(
              new CorruptionException("the hash leaves of slot " + slot, number, "no such leaf"));
        }
        leaves.set(number, Leaf.decode(cursor.value()));
        cursor.next();
      }
    }
    return leaves;
  }
}
