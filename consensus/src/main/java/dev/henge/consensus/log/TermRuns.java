package dev.henge.consensus.log;

import java.util.Arrays;

/// The terms of a log's entries, one pair of numbers for each run of equal terms.
///
/// - Shape: terms change with elections, so this stays tiny however long the log is.
/// - Threads: guarded by the monitor of its [GroupLog].
final class TermRuns {
  private long[] firsts = new long[4];
  private long[] terms = new long[4];
  private int count;

  void clear() {
    count = 0;
  }

  /// Says that entries from `index` on have `term`, until said otherwise.
  void append(long index, long term) {
    if (count > 0 && terms[count - 1] == term) {
      return;
    }
    if (count == firsts.length) {
      firsts = Arrays.copyOf(firsts, count * 2);
      terms = Arrays.copyOf(terms, count * 2);
    }
    firsts[count] = index;
    terms[count++] = term;
  }

  /// Forgets what is at and above `index`.
  void cutFrom(long index) {
    while (count > 0 && firsts[count - 1] >= index) {
      count--;
    }
  }

  /// Forgets what is at and below `index`.
  void dropThrough(long index) {
    int dropped = 0;
    while (dropped + 1 < count && firsts[dropped + 1] <= index + 1) {
      dropped++;
    }
    if (dropped > 0) {
      count -= dropped;
      System.arraycopy(firsts, dropped, firsts, 0, count);
      System.arraycopy(terms, dropped, terms, 0, count);
    }
  }

  /// The term at `index`, which lies in a run.
  long term(long index) {
    int found = Arrays.binarySearch(firsts, 0, count, index);
    return terms[found >= 0 ? found : -found - 2];
  }
}
