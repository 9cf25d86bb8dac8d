package dev.henge.data;

import dev.henge.base.Slots;
import dev.henge.storage.Cursor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Draws a key for RANDOMKEY by a few seeks: first a slot, then within it by halving: the range
/// between the lowest and the highest key is cut at a random value of the first byte in which they
/// differ, and a side is drawn by its share of that byte's values, until one key is left.
///
/// - Shape: two seeks a cut, about log2 of the keys in the slot. Every key can be drawn; all are
///   about equally likely where their bytes are evenly spread.
/// - An expired key is left for the next live one in the order, around the end of the keyspace.
final class RandomKeys {
  /// Cuts before what is lowest then is taken: more than the bits in which usual keys differ.
  private static final int CUTS_MAX = 256;

  private final Evaluation evaluation;
  private final int keyspaceId;
  private long state;

  private RandomKeys(Evaluation evaluation) {
    this.evaluation = evaluation;
    this.keyspaceId = evaluation.scope().keyspaceId();
    this.state = evaluation.scope().seed();
  }

  static Reply draw(Evaluation evaluation) {
    return new RandomKeys(evaluation).draw();
  }

  private Reply draw() {
    KeyRange keyspace = KeyRange.ofKeyspace(keyspaceId);
    byte[] slotStart = StoredKey.slotStart(keyspaceId, below(Slots.COUNT));
    byte[] low = firstStored(new KeyRange(keyspaceId, slotStart, keyspace.end()));
    if (low == null) {
      low = firstStored(keyspace);
    }
    if (low == null) {
      return Reply.NOTHING;
    }
    byte[] drawn = drawInSlot(low);
    byte[] alive = firstAlive(new KeyRange(keyspaceId, drawn, keyspace.end()));
    if (alive == null) {
      alive = firstAlive(new KeyRange(keyspaceId, keyspace.start(), drawn));
    }
    return alive == null ? Reply.NOTHING : new Reply.Bytes(StoredKey.userKey(alive));
  }

  /// @param first the lowest stored key of an object in its slot
  private byte[] drawInSlot(byte[] first) {
    try (Cursor cursor = evaluation.reader().cursor()) {
      byte[] low = first;
      byte[] slotObjects = Arrays.copyOf(first, StoredKey.HEADER_BYTES);
      byte[] high = lastBefore(cursor, StoredKey.afterPrefix(slotObjects));
      for (int cuts = 0; cuts < CUTS_MAX && !Arrays.equals(low, high); cuts++) {
        int differs = Arrays.mismatch(low, high);
        int lowByte = differs < low.length ? low[differs] & 0xff : -1;
        int highByte = high[differs] & 0xff;
        int cut = lowByte + 1 + below(highByte - lowByte);
        byte[] border = Arrays.copyOf(high, differs + 1);
        border[differs] = (byte) cut;
        if (below(highByte - lowByte + 1) <= highByte - cut) {
          cursor.seek(border);
          low = cursor.key();
        } else {
          high = lastBefore(cursor, border);
        }
      }
      return low;
    }
  }

  /// The key before `border`, which must have one.
  private static byte[] lastBefore(Cursor cursor, byte[] border) {
    cursor.seekForPrevious(border);
    if (Arrays.equals(cursor.key(), border)) {
      cursor.previous();
    }
    return cursor.key();
  }

  private byte @Nullable [] firstStored(KeyRange range) {
    try (var walk = new ObjectWalk(evaluation, range)) {
      return walk.next() ? walk.storedKey() : null;
    }
  }

  private byte @Nullable [] firstAlive(KeyRange range) {
    if (Arrays.compareUnsigned(range.start(), range.end()) >= 0) {
      return null;
    }
    try (var walk = new ObjectWalk(evaluation, range)) {
      while (walk.next()) {
        if (walk.isAlive()) {
          return walk.storedKey();
        }
      }
      return null;
    }
  }

  /// The next number from 0 to `bound`, exclusive: SplitMix64 from the operation's seed.
  private int below(int bound) {
    state += 0x9e3779b97f4a7c15L;
    long mixed = state;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    mixed ^= mixed >>> 31;
    return (int) Long.remainderUnsigned(mixed, bound);
  }
}
