package dev.henge.consensus.log;

import dev.henge.consensus.raft.HardState;
import dev.henge.consensus.raft.SnapshotMark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// One group's log as it is in the files: where its entries' frames are, and what else was last
/// written of it.
///
/// A range whose frames are not to be had is *lost*: it has a place in the order, in no segment.
/// Only recovery knows such ranges; before it ends, a mark has passed them or the log is cut.
///
/// - Shape: 28 bytes a frame; a frame holds what one round brought for the group.
/// - Threads: guarded by the monitor of its [GroupLog]; changed by the log thread only.
final class WrittenLog {
  /// Segment of a lost range.
  static final long LOST = 0;

  HardState hardState;
  SnapshotMark mark;
  long lastIndex;
  long lastTerm;
  boolean recovering;

  private long[] firsts = new long[4];
  private long[] segments = new long[4];
  private long[] locations = new long[4];
  private int start;
  private int count;

  WrittenLog(HardState hardState, SnapshotMark mark) {
    this.hardState = hardState;
    this.mark = mark;
    this.lastIndex = mark.index();
    this.lastTerm = mark.term();
  }

  /// Where a frame is, and which of its entries count.
  ///
  /// @param last index of the last entry that counts
  record Place(long first, long last, long segment, int offset, int bytes) {}

  /// Entries from `first` to `last` stand in a frame; what was from `first` on no longer counts.
  void add(long first, long last, long term, long segment, int offset, int bytes) {
    cutFrom(first);
    if (start + count == firsts.length) {
      makeRoom();
    }
    int at = start + count++;
    firsts[at] = first;
    segments[at] = segment;
    locations[at] = (long) offset << 32 | bytes;
    lastIndex = last;
    lastTerm = term;
  }

  /// Entries at and above `index` no longer count; the caller sets `lastTerm`.
  void cutFrom(long index) {
    while (count > 0 && firsts[start + count - 1] >= index) {
      count--;
    }
    lastIndex = Math.min(lastIndex, index - 1);
  }

  /// The log begins at `newMark`. What it does not hold, it forgets.
  void beginAt(SnapshotMark newMark) {
    mark = newMark;
    while (count > 0 && lastOf(start) <= newMark.index()) {
      start++;
      count--;
    }
    if (count == 0) {
      start = 0;
      if (lastIndex <= newMark.index()) {
        lastIndex = newMark.index();
        lastTerm = newMark.term();
      }
    }
  }

  /// The log begins and ends at `newMark`.
  void restartAt(SnapshotMark newMark) {
    start = 0;
    count = 0;
    mark = newMark;
    lastIndex = newMark.index();
    lastTerm = newMark.term();
  }

  /// The oldest segment that holds an entry; `none` when there is no entry.
  long oldestSegment(long none) {
    return count == 0 ? none : segments[start];
  }

  /// Bytes of all its frames.
  long byteCount() {
    long bytes = 0;
    for (int i = start; i < start + count; i++) {
      bytes += (int) locations[i];
    }
    return bytes;
  }

  /// The frames with entries from `from` to `to`, in order, until they pass `bytesMax`.
  List<Place> places(long from, long to, long bytesMax) {
    int found = Arrays.binarySearch(firsts, start, start + count, from);
    int at = found >= 0 ? found : -found - 2;
    List<Place> places = new ArrayList<>();
    long bytes = 0;
    for (; at >= start && at < start + count && firsts[at] <= to; at++) {
      places.add(
          new Place(
              firsts[at],
              lastOf(at),
              segments[at],
              (int) (locations[at] >>> 32),
              (int) locations[at]));
      bytes += (int) locations[at];
      if (bytes >= bytesMax) {
        break;
      }
    }
    return places;
  }

  private long lastOf(int at) {
    return at + 1 < start + count ? firsts[at + 1] - 1 : lastIndex;
  }

  private void makeRoom() {
    int length = count > firsts.length / 2 ? firsts.length * 2 : firsts.length;
    firsts = moved(firsts, length);
    segments = moved(segments, length);
    locations = moved(locations, length);
    start = 0;
  }

  private long[] moved(long[] values, int length) {
    var copy = new long[length];
    System.arraycopy(values, start, copy, 0, count);
    return copy;
  }
}
