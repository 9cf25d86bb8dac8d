package dev.henge.storage.lsm;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Chooses what to compact next: the level that is furthest above its target, by count in level 0
/// and by bytes below it.
///
/// - Threads: used by one compaction thread at a time; remembers per level where it stopped.
/// - Source: leveled compaction of LevelDB, with RocksDB's scores.
final class CompactionPicker {
  private final LsmOptions options;
  private final byte[][] resumeAt = new byte[LsmOptions.LEVELS][];

  CompactionPicker(LsmOptions options) {
    this.options = options;
    Arrays.fill(resumeAt, new byte[0]);
  }

  /// Tables to merge into `outputLevel`.
  ///
  /// @param inputs all of them
  /// @param moves whether they can change level as they are, without rewriting
  record Pick(Set<TableFile> inputs, int inputLevel, int outputLevel, boolean moves) {}

  /// What to compact now; null when every level is within its target.
  @Nullable Pick pick(LsmVersion version) {
    int level = -1;
    double most = 1.0;
    double first = (double) version.level(0).length / options.level0Compact();
    if (first >= most) {
      level = 0;
      most = first;
    }
    for (int i = 1; i < LsmOptions.LEVELS - 1; i++) {
      double score = (double) version.byteCount(i) / options.targetBytes(i);
      if (score > most) {
        level = i;
        most = score;
      }
    }
    if (level < 0) {
      return null;
    }
    return level == 0 ? pickLevel0(version) : pickBelow(version, level);
  }

  /// Everything, into the deepest level in use; null when there is nothing to do.
  static @Nullable Pick pickAll(LsmVersion version) {
    var inputs = new LinkedHashSet<TableFile>();
    int deepest = 1;
    for (int level = 0; level < LsmOptions.LEVELS; level++) {
      TableFile[] files = version.level(level);
      inputs.addAll(Arrays.asList(files));
      if (files.length > 0) {
        deepest = Math.max(1, level);
      }
    }
    return inputs.isEmpty() ? null : new Pick(inputs, 0, deepest, false);
  }

  private Pick pickLevel0(LsmVersion version) {
    List<TableFile> files = Arrays.asList(version.level(0));
    var inputs = new LinkedHashSet<>(files);
    addBetween(version, inputs, 1);
    boolean moves = inputs.size() == files.size() && disjoint(files);
    return new Pick(inputs, 0, 1, moves);
  }

  private Pick pickBelow(LsmVersion version, int level) {
    TableFile[] files = version.level(level);
    int at = LsmVersion.find(files, resumeAt[level]);
    TableFile chosen = files[at == files.length ? 0 : at];
    resumeAt[level] = chosen.end();
    var inputs = new LinkedHashSet<TableFile>();
    inputs.add(chosen);
    inputs.addAll(version.overlapping(level + 1, chosen.smallest(), chosen.end()));
    return new Pick(inputs, level, level + 1, inputs.size() == 1);
  }

  /// Adds the tables of `level` between the smallest and the largest key of the inputs: a new table
  /// may span the gap between two inputs, and must not overlap what lies there.
  private static void addBetween(LsmVersion version, Set<TableFile> inputs, int level) {
    byte[] smallest = null;
    byte[] end = null;
    for (TableFile file : inputs) {
      if (smallest == null || Arrays.compareUnsigned(file.smallest(), smallest) < 0) {
        smallest = file.smallest();
      }
      if (end == null || Arrays.compareUnsigned(file.end(), end) > 0) {
        end = file.end();
      }
    }
    if (smallest != null && end != null) {
      inputs.addAll(version.overlapping(level, smallest, end));
    }
  }

  private static boolean disjoint(List<TableFile> files) {
    for (int i = 0; i < files.size(); i++) {
      for (int j = i + 1; j < files.size(); j++) {
        if (files.get(i).overlaps(files.get(j).smallest(), files.get(j).end())) {
          return false;
        }
      }
    }
    return true;
  }
}
