package dev.henge.storage.lsm.memtable;

import dev.henge.base.Invariant;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Finds the node of a key by its hash: two or three cache misses where a search of the skip list
/// has a dozen. Most reads ask it about keys that are in a table, and most overwrites about keys
/// that are here.
///
/// - Shape: open addressing over longs, `tag << 32 | node`, 0 for free; at most half full, doubled
///   by the writer.
/// - Threads: one writer. A reader finds every node whose insertion happened before it began,
///   because slots and tables are published with release and read with acquire.
final class KeyIndex {
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);

  private final SkipList list;

  // written by the writer
  private volatile long[] table = new long[1024];

  // owned by the writer
  private int count;

  KeyIndex(SkipList list) {
    this.list = list;
  }

  /// The node of the key in `length` bytes from `offset` on; 0 when there is none.
  int find(byte[] bytes, int offset, int length, long hash) {
    long[] slots = table;
    int mask = slots.length - 1;
    int tag = (int) hash;
    for (int i = (int) (hash >>> 32) & mask; ; i = (i + 1) & mask) {
      long slot = (long) SLOT.getAcquire(slots, i);
      if (slot == 0) {
        return 0;
      }
      if ((int) (slot >>> 32) == tag && list.keyEquals((int) slot, bytes, offset, length)) {
        return (int) slot;
      }
    }
  }

  /// Adds a key that is not there.
  void add(long hash, int node) {
    if (count * 2 >= table.length) {
      grow();
    }
    put(table, hash >>> 32, hash << 32 | node);
    count++;
  }

  private void grow() {
    long[] old = table;
    Invariant.check(old.length < 1 << 29, "a memtable has below 2^28 keys");
    long[] larger = new long[old.length * 2];
    for (long slot : old) {
      if (slot != 0) {
        // The high half of a hash is not kept, but can be had from the key.
        put(larger, list.hash((int) slot) >>> 32, slot);
      }
    }
    table = larger;
  }

  private static void put(long[] slots, long start, long slot) {
    int mask = slots.length - 1;
    int i = (int) start & mask;
    while (slots[i] != 0) {
      i = (i + 1) & mask;
    }
    SLOT.setRelease(slots, i, slot);
  }
}
