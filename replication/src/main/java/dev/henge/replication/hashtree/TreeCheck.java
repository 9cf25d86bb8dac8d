package dev.henge.replication.hashtree;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.Slots;
import dev.henge.data.StoredKey;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.causality.Versions;
import dev.henge.storage.Cursor;
import dev.henge.storage.EngineException;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Computes leaves from the data, to prove those that are stored, or to write them anew where a
/// damaged file took some.
///
/// - Cost: reads every object of what it looks at.
/// - Threads: one at a time, that of the reader.
public final class TreeCheck {
  private final HashTree tree;
  private final int keyspaceId;
  private final Reader reader;

  /// A leaf that is not what the data says.
  public record Difference(int slot, int leaf, Leaf stored, Leaf computed) {}

  public TreeCheck(int keyspaceId, Reader reader) {
    this.tree = new HashTree(keyspaceId);
    this.keyspaceId = keyspaceId;
    this.reader = reader;
  }

  /// What is wrong in the whole keyspace; mostly nothing.
  public List<Difference> differences() {
    List<Difference> differences = new ArrayList<>();
    try (Cursor cursor = reader.cursor()) {
      byte[] end = StoredKey.keyspaceEnd(keyspaceId);
      cursor.seek(StoredKey.keyspaceStart(keyspaceId));
      while (cursor.valid() && Arrays.compareUnsigned(cursor.key(), end) < 0) {
        int slot = StoredKey.slot(cursor.key());
        differences.addAll(differences(slot));
        if (slot + 1 == Slots.COUNT) {
          break;
        }
        cursor.seek(StoredKey.slotStart(keyspaceId, slot + 1));
      }
    }
    return differences;
  }

  /// What is wrong in a slot.
  public List<Difference> differences(int slot) {
    SlotLeaves stored = tree.read(reader, slot);
    SlotLeaves computed = compute(slot);
    List<Difference> differences = new ArrayList<>();
    for (int i = 0; i < HashTree.LEAVES; i++) {
      if (!stored.leaf(i).equals(computed.leaf(i))) {
        differences.add(new Difference(slot, i, stored.leaf(i), computed.leaf(i)));
      }
    }
    return differences;
  }

  /// Adds to `batch` what makes the tree right again; the tree in use must then
  /// [forget][HashTree#forget] the slots.
  public void repair(List<Difference> differences, WriteBatch batch) {
    for (Difference difference : differences) {
      tree.put(batch, difference.slot, difference.leaf, difference.computed);
    }
  }

  private SlotLeaves compute(int slot) {
    var leaves = new SlotLeaves();
    byte[] end = StoredKey.slotEnd(keyspaceId, slot);
    try (Cursor cursor = reader.cursor()) {
      cursor.seek(StoredKey.slotStart(keyspaceId, slot));
      while (cursor.valid() && Arrays.compareUnsigned(cursor.key(), end) < 0) {
        var key = new HashedKey(cursor.key());
        Leaf leaf = leaves.leaf(key.leaf());
        switch (StoredKey.kind(key.storedKey())) {
          case StoredKey.OBJECT ->
              leaves.set(key.leaf(), leaf.replace(key, Versions.NONE, versions(cursor)));
          case StoredKey.GRAVE -> leaves.set(key.leaf(), leaf.withGraves(1));
          default -> {
            // leaves are what is proved
          }
        }
        cursor.next();
      }
    }
    return leaves;
  }

  private static Versions versions(Cursor cursor) {
    try {
      return StoredVersions.decode(cursor.value());
    } catch (CorruptionException | FormatException e) {
      throw new EngineException(e);
    }
  }
}
