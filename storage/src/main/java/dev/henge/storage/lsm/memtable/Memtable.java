package dev.henge.storage.lsm.memtable;

import dev.henge.storage.WriteBatch;
import dev.henge.storage.lsm.table.InternalCursor;
import dev.henge.storage.lsm.table.RangeTombstones;
import dev.henge.storage.lsm.table.Table;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/// The newest entries of an engine, in memory, until they are flushed to a table.
///
/// - Threads: [#apply] by one thread at a time; reading from any.
/// - Lifetime: counted by [#retain] and [#release]; the last release gives the memory back.
public final class Memtable {
  private final SkipList list;
  private final KeyIndex index;
  private final AtomicInteger references = new AtomicInteger(1);

  // written by the writer
  private volatile RangeTombstones tombstones = RangeTombstones.NONE;
  private volatile long lastSequence;
  private volatile int entryCount;
  private volatile int deleteCount;

  public Memtable(MemtableMemory memory) {
    list = new SkipList(memory);
    index = new KeyIndex(list);
  }

  /// Adds the operations in `bytes[offset, end)` (the form of [WriteBatch]), numbering them from
  /// `firstSequence`.
  ///
  /// @param skipThrough operations up to this number are left out (they are in tables already)
  /// @return the number of the last operation
  public long apply(byte[] bytes, int offset, int end, long firstSequence, long skipThrough) {
    long sequence = firstSequence - 1;
    int position = offset;
    int added = 0;
    int deleted = 0;
    while (position < end) {
      byte kind = bytes[position++];
      sequence++;
      int first = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = bytes[position++];
        first |= (next & 0x7f) << shift;
        if (next >= 0) {
          break;
        }
      }
      int firstOffset = position;
      position += first;
      int second = 0;
      int secondOffset = position;
      if (kind != WriteBatch.DELETE) {
        for (int shift = 0; ; shift += 7) {
          byte next = bytes[position++];
          second |= (next & 0x7f) << shift;
          if (next >= 0) {
            break;
          }
        }
        secondOffset = position;
        position += second;
      }
      if (sequence <= skipThrough) {
        continue;
      }
      if (kind == WriteBatch.DELETE_RANGE) {
        tombstones =
            tombstones.plus(
                new RangeTombstones.Tombstone(
                    Arrays.copyOfRange(bytes, firstOffset, firstOffset + first),
                    Arrays.copyOfRange(bytes, secondOffset, secondOffset + second),
                    sequence));
      } else {
        insert(
            bytes,
            firstOffset,
            first,
            InternalCursor.trailer(sequence, kind),
            secondOffset,
            second);
        added++;
        if (kind == WriteBatch.DELETE) {
          deleted++;
        }
      }
    }
    entryCount = entryCount + added;
    deleteCount = deleteCount + deleted;
    lastSequence = sequence;
    return sequence;
  }

  /// The newest entry of `key` at or below `sequence`: a handle for [#trailer] and [#value], or 0.
  ///
  /// @param hash of the key ([Table#hash])
  public int find(byte[] key, long hash, long sequence) {
    int node = index.find(key, 0, key.length, hash);
    if (node == 0) {
      return 0;
    }
    int version = list.newest(node);
    while (version != 0 && InternalCursor.sequence(list.trailer(version)) > sequence) {
      version = list.older(version);
    }
    return version;
  }

  public long trailer(int entry) {
    return list.trailer(entry);
  }

  /// A copy of the entry's value.
  public byte[] value(int entry) {
    var value = new byte[list.valueLength(entry)];
    list.copyValue(entry, value);
    return value;
  }

  public RangeTombstones tombstones() {
    return tombstones;
  }

  public InternalCursor cursor() {
    return new MemtableCursor(list);
  }

  /// Of the last operation applied, 0 before the first.
  public long lastSequence() {
    return lastSequence;
  }

  public int entryCount() {
    return entryCount;
  }

  /// Point deletions among the entries.
  public int deleteCount() {
    return deleteCount;
  }

  public boolean isEmpty() {
    return entryCount == 0 && tombstones.isEmpty();
  }

  /// Native bytes taken.
  public long byteCount() {
    return list.byteCount();
  }

  public void retain() {
    references.incrementAndGet();
  }

  public void release() {
    if (references.decrementAndGet() == 0) {
      list.release();
    }
  }

  private void insert(
      byte[] bytes, int keyOffset, int keyLength, long trailer, int valueOffset, int valueLength) {
    long hash = Table.hash(bytes, keyOffset, keyLength);
    int node = index.find(bytes, keyOffset, keyLength, hash);
    if (node != 0) {
      list.addVersion(node, trailer, bytes, valueOffset, valueLength);
    } else {
      node = list.insert(bytes, keyOffset, keyLength, trailer, valueOffset, valueLength);
      index.add(hash, node);
    }
  }
}
