package dev.henge.storage.lsm.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/// The ranges of keys that one source deletes, cut into fragments that do not overlap.
///
/// - Shape: fragment `i` is `[starts[i], ends[i])`, sorted; its sequence numbers ascend. Looking a
///   key up costs a binary search.
/// - Threads: immutable.
/// - Source: the fragmented range tombstones of RocksDB's "DeleteRange" design, without its cache.
public final class RangeTombstones {
  public static final RangeTombstones NONE =
      new RangeTombstones(new byte[0][], new byte[0][], new long[0][]);

  private final byte[][] starts;
  private final byte[][] ends;
  private final long[][] sequences;

  private RangeTombstones(byte[][] starts, byte[][] ends, long[][] sequences) {
    this.starts = starts;
    this.ends = ends;
    this.sequences = sequences;
  }

  /// A range that was deleted at `sequence`: `start` inclusive, `end` exclusive. Arrays are shared.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Tombstone(byte[] start, byte[] end, long sequence) {}

  /// Fragments `tombstones`, which may overlap.
  public static RangeTombstones of(List<Tombstone> tombstones) {
    if (tombstones.isEmpty()) {
      return NONE;
    }
    var bounds = new TreeSet<byte[]>(Arrays::compareUnsigned);
    for (Tombstone tombstone : tombstones) {
      bounds.add(tombstone.start);
      bounds.add(tombstone.end);
    }
    byte[][] sorted = bounds.toArray(new byte[0][]);
    var covering = new ArrayList<List<Long>>(sorted.length);
    for (int i = 0; i < sorted.length - 1; i++) {
      covering.add(new ArrayList<>(1));
    }
    for (Tombstone tombstone : tombstones) {
      int first = Arrays.binarySearch(sorted, tombstone.start, Arrays::compareUnsigned);
      int end = Arrays.binarySearch(sorted, tombstone.end, Arrays::compareUnsigned);
      for (int i = first; i < end; i++) {
        covering.get(i).add(tombstone.sequence);
      }
    }
    var starts = new ArrayList<byte[]>();
    var ends = new ArrayList<byte[]>();
    var sequences = new ArrayList<long[]>();
    for (int i = 0; i < covering.size(); i++) {
      if (!covering.get(i).isEmpty()) {
        starts.add(sorted[i]);
        ends.add(sorted[i + 1]);
        sequences.add(
            covering.get(i).stream().mapToLong(Long::longValue).sorted().distinct().toArray());
      }
    }
    return new RangeTombstones(
        starts.toArray(new byte[0][]),
        ends.toArray(new byte[0][]),
        sequences.toArray(new long[0][]));
  }

  /// These and one more.
  public RangeTombstones plus(Tombstone tombstone) {
    List<Tombstone> all = list();
    all.add(tombstone);
    return of(all);
  }

  public boolean isEmpty() {
    return starts.length == 0;
  }

  /// The newest deletion of `key` at or below `sequence`; 0 when none covers it.
  public long coverOf(byte[] key, int keyLength, long sequence) {
    if (starts.length == 0) {
      return 0;
    }
    int low = 0;
    int high = starts.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      byte[] start = starts[middle];
      if (Arrays.compareUnsigned(start, 0, start.length, key, 0, keyLength) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    int fragment = low - 1;
    if (fragment < 0) {
      return 0;
    }
    byte[] end = ends[fragment];
    if (Arrays.compareUnsigned(key, 0, keyLength, end, 0, end.length) >= 0) {
      return 0;
    }
    long[] numbers = sequences[fragment];
    int at = Arrays.binarySearch(numbers, sequence);
    int index = at >= 0 ? at : -at - 2;
    return index < 0 ? 0 : numbers[index];
  }

  /// Every fragment with every of its sequence numbers, as a fresh list.
  public List<Tombstone> list() {
    var list = new ArrayList<Tombstone>();
    for (int i = 0; i < starts.length; i++) {
      for (long sequence : sequences[i]) {
        list.add(new Tombstone(starts[i], ends[i], sequence));
      }
    }
    return list;
  }

  /// The part inside `[lower, upper)`, of each fragment only the newest deletion; null bounds are
  /// open.
  public RangeTombstones clip(byte @Nullable [] lower, byte @Nullable [] upper) {
    var kept = new ArrayList<Tombstone>();
    for (int i = 0; i < starts.length; i++) {
      byte[] start = starts[i];
      byte[] end = ends[i];
      if (lower != null && Arrays.compareUnsigned(start, lower) < 0) {
        start = lower;
      }
      if (upper != null && Arrays.compareUnsigned(end, upper) > 0) {
        end = upper;
      }
      if (Arrays.compareUnsigned(start, end) < 0) {
        kept.add(new Tombstone(start, end, sequences[i][sequences[i].length - 1]));
      }
    }
    return of(kept);
  }

  /// Those of the fragments that `keep` wants; each is asked by its bounds.
  public RangeTombstones filter(BiPredicate<byte[], byte[]> keep) {
    return of(list().stream().filter(one -> keep.test(one.start, one.end)).toList());
  }

  /// The newest deletion of one fragment that holds all of `[start, end)`; 0 when none does.
  public long coverOfRange(byte[] start, byte[] end) {
    long cover = coverOf(start, start.length, Long.MAX_VALUE);
    for (int i = 0; i < starts.length; i++) {
      if (Arrays.compareUnsigned(starts[i], start) <= 0
          && Arrays.compareUnsigned(end, ends[i]) <= 0) {
        return cover;
      }
    }
    return 0;
  }

  /// Start of the first fragment; there must be one.
  public byte[] smallest() {
    return starts[0];
  }

  /// Exclusive end of the last fragment; there must be one.
  public byte[] end() {
    return ends[ends.length - 1];
  }
}
