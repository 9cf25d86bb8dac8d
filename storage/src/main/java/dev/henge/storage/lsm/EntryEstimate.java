package dev.henge.storage.lsm;

import dev.henge.storage.lsm.memtable.Memtable;
import dev.henge.storage.lsm.table.InternalCursor;
import java.util.Arrays;

/// Estimates how many entries of a [ReadView] lie in a range of keys, without reading data from the
/// disk: tables by the share of their blocks, memtables by a short walk.
final class EntryEstimate {
  /// Entries of a memtable that are walked over; where more are in the range, all of it counts.
  private static final int WALKED_MAX = 2000;

  private EntryEstimate() {}

  static long of(ReadView view, byte[] start, byte[] end) {
    double entries = 0;
    for (Memtable memtable : view.memtables) {
      entries += inMemtable(memtable, start, end);
    }
    for (int level = 0; level < LsmOptions.LEVELS; level++) {
      for (TableFile file : view.version.overlapping(level, start, end)) {
        long live = file.properties.putCount() - file.properties.deleteCount();
        entries += live * file.table.blockShare(start, end);
      }
    }
    return Math.max(0, Math.round(entries));
  }

  private static long inMemtable(Memtable memtable, byte[] start, byte[] end) {
    long count = 0;
    try (InternalCursor cursor = memtable.cursor()) {
      cursor.seek(start, start.length, InternalCursor.TRAILER_MAX);
      for (int walked = 0; cursor.valid(); walked++) {
        if (Arrays.compareUnsigned(cursor.key, 0, cursor.keyLength, end, 0, end.length) >= 0) {
          return count;
        }
        if (walked == WALKED_MAX) {
          return memtable.entryCount() - 2L * memtable.deleteCount();
        }
        count += InternalCursor.isPut(cursor.trailer) ? 1 : -1;
        cursor.next();
      }
    }
    return count;
  }
}
