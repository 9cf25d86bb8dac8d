package dev.henge.storage.lsm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// The tables of one moment, by level.
///
/// - Invariants: (1) level 0 is ordered newest first and may overlap; (2) the tables of a deeper
///   level are sorted and do not overlap; (3) for one key, what is in a lower level is newer.
/// - Threads: immutable; counted together with the [ReadView] that holds it.
final class LsmVersion {
  private final List<TableFile[]> levels;
  private final List<TableFile> withTombstones = new ArrayList<>();

  LsmVersion(List<? extends Collection<TableFile>> tables) {
    levels = new ArrayList<>();
    for (int level = 0; level < LsmOptions.LEVELS; level++) {
      TableFile[] files = tables.get(level).toArray(new TableFile[0]);
      if (level == 0) {
        Arrays.sort(
            files,
            Comparator.comparingLong((TableFile file) -> file.properties.largestSequence())
                .thenComparingLong(file -> file.number)
                .reversed());
      } else {
        Arrays.sort(
            files, (left, right) -> Arrays.compareUnsigned(left.smallest(), right.smallest()));
      }
      levels.add(files);
      for (TableFile file : files) {
        if (!file.table.tombstones().isEmpty()) {
          withTombstones.add(file);
        }
      }
    }
  }

  static LsmVersion empty() {
    var none = new ArrayList<List<TableFile>>();
    for (int level = 0; level < LsmOptions.LEVELS; level++) {
      none.add(List.of());
    }
    return new LsmVersion(none);
  }

  /// The tables of a level; borrowed, do not change.
  TableFile[] level(int level) {
    return levels.get(level);
  }

  /// Tables that delete ranges.
  List<TableFile> withTombstones() {
    return withTombstones;
  }

  long byteCount(int level) {
    long bytes = 0;
    for (TableFile file : levels.get(level)) {
      bytes += file.byteCount;
    }
    return bytes;
  }

  /// The tables of `level` that meet `[start, end)`.
  List<TableFile> overlapping(int level, byte[] start, byte[] end) {
    var found = new ArrayList<TableFile>();
    for (TableFile file : levels.get(level)) {
      if (file.overlaps(start, end)) {
        found.add(file);
      }
    }
    return found;
  }

  boolean contains(TableFile wanted) {
    for (TableFile[] files : levels) {
      for (TableFile file : files) {
        if (file == wanted) {
          return true;
        }
      }
    }
    return false;
  }

  /// This version without `removed` and with `added` in `level`.
  LsmVersion edit(Set<TableFile> removed, int level, Collection<TableFile> added) {
    var next = new ArrayList<List<TableFile>>();
    for (int i = 0; i < LsmOptions.LEVELS; i++) {
      var files = new ArrayList<TableFile>();
      for (TableFile file : levels.get(i)) {
        if (!removed.contains(file)) {
          files.add(file);
        }
      }
      if (i == level) {
        files.addAll(added);
      }
      next.add(files);
    }
    return new LsmVersion(next);
  }

  /// The table of a level from 1 on that may hold `key`: its index, or where it would be inserted.
  static int find(TableFile[] files, byte[] key) {
    int low = 0;
    int high = files.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Arrays.compareUnsigned(files[middle].end(), key) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  void retainAll() {
    for (TableFile[] files : levels) {
      for (TableFile file : files) {
        file.retain();
      }
    }
  }

  void releaseAll() {
    for (TableFile[] files : levels) {
      for (TableFile file : files) {
        file.release();
      }
    }
  }
}
