package dev.henge.data;

import dev.henge.storage.Cursor;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A reader with changes that are not in the engine yet laid over it: what a step of a transaction
/// sees.
///
/// - Shape: changed keys in a sorted map, deleted ones with null; range deletions beside it, which
///   hide only keys of the reader below, because they were taken out of the map when they came.
/// - Threads: one, that of the reader below, which stays its owner's.
final class OverlayReader implements Reader {
  private final Reader base;
  private final NavigableMap<byte[], byte @Nullable []> changes =
      new TreeMap<>(Arrays::compareUnsigned);
  private final List<Range> deletedRanges = new ArrayList<>();

  OverlayReader(Reader base) {
    this.base = base;
  }

  /// Lays `batch` over all that is here. Cursors opened before must not be used any more.
  void add(WriteBatch batch) {
    batch.forEach(
        new WriteBatch.Visitor() {
          @Override
          public void put(byte[] key, byte[] value) {
            changes.put(key, value);
          }

          @Override
          public void delete(byte[] key) {
            changes.put(key, null);
          }

          @Override
          public void deleteRange(byte[] start, byte[] end) {
            changes.subMap(start, true, end, false).clear();
            Range known = rangeOver(start);
            if (known == null || Arrays.compareUnsigned(known.end(), end) < 0) {
              deletedRanges.add(new Range(start, end));
            }
          }
        });
  }

  @Override
  public long sequence() {
    return base.sequence();
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    byte[] changed = changes.get(key);
    if (changed != null) {
      return changed.clone();
    }
    return changes.containsKey(key) || rangeOver(key) != null ? null : base.get(key);
  }

  @Override
  public Cursor cursor() {
    return new OverlayCursor(this, base.cursor());
  }

  /// Nothing: the reader below is closed by who opened it.
  @Override
  public void close() {}

  NavigableMap<byte[], byte @Nullable []> changes() {
    return changes;
  }

  /// The deleted range that hides `key` of the reader below; null when none does.
  @Nullable Range rangeOver(byte[] key) {
    for (Range range : deletedRanges) {
      if (range.holds(key)) {
        return range;
      }
    }
    return null;
  }

  /// @param start inclusive
  /// @param end exclusive
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Range(byte[] start, byte[] end) {
    boolean holds(byte[] key) {
      return Arrays.compareUnsigned(start, key) <= 0 && Arrays.compareUnsigned(key, end) < 0;
    }
  }
}
