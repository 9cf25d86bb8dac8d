package dev.henge.storage.lsm;

import dev.henge.storage.CompactionFilter;
import dev.henge.storage.lsm.table.InternalCursor;
import dev.henge.storage.lsm.table.RangeTombstones;
import java.util.Arrays;

/// Decides which entries of a merge are written on: the newest version of each key, unless it is
/// deleted, or garbage to the owner, and nothing older is left below that it must hide.
///
/// No reader needs the dropped versions: readers pin the view that they began with, and whoever
/// begins later reads at a sequence number that is not below any entry in a table.
///
/// - Threads: one; entries in order.
final class EntryFilter {
  /// Whether anything older than the merge may hold `key`.
  interface Below {
    boolean mayHold(byte[] key, int length);
  }

  enum Verdict {
    KEEP,
    DROP,
    /// Write a deletion in its place.
    DELETE
  }

  private final RangeTombstones tombstones;
  private final CompactionFilter garbage;
  private final Below below;
  private byte[] lastKey = new byte[64];
  private int lastLength = -1;

  /// @param tombstones of all sources of the merge
  EntryFilter(RangeTombstones tombstones, CompactionFilter garbage, Below below) {
    this.tombstones = tombstones;
    this.garbage = garbage;
    this.below = below;
  }

  Verdict judge(InternalCursor entry) {
    if (lastLength >= 0 && Arrays.equals(entry.key, 0, entry.keyLength, lastKey, 0, lastLength)) {
      return Verdict.DROP;
    }
    lastLength = entry.keyLength;
    if (lastKey.length < lastLength) {
      lastKey = new byte[Math.max(lastLength, lastKey.length * 2)];
    }
    System.arraycopy(entry.key, 0, lastKey, 0, lastLength);
    long sequence = InternalCursor.sequence(entry.trailer);
    if (tombstones.coverOf(entry.key, entry.keyLength, Long.MAX_VALUE) > sequence) {
      return Verdict.DROP;
    }
    if (!InternalCursor.isPut(entry.trailer)) {
      return below.mayHold(entry.key, entry.keyLength) ? Verdict.KEEP : Verdict.DROP;
    }
    boolean drop =
        garbage != CompactionFilter.KEEP_ALL
            && garbage.isGarbage(
                entry.key,
                0,
                entry.keyLength,
                entry.valueBytes(),
                entry.valueOffset(),
                entry.valueLength());
    if (!drop) {
      return Verdict.KEEP;
    }
    return below.mayHold(entry.key, entry.keyLength) ? Verdict.DELETE : Verdict.DROP;
  }

  /// The entry judged last will be judged again.
  void forget() {
    lastLength = -1;
  }
}
