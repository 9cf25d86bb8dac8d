package dev.henge.consensus.log;

import dev.henge.consensus.raft.Entry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The last entries of one log, in memory: a ring.
///
/// - Threads: guarded by the monitor of its [GroupLog].
final class EntryTail {
  private static final int LENGTH_MIN = 16;

  private @Nullable Entry[] ring = new @Nullable Entry[LENGTH_MIN];
  private int head;
  private int count;
  private long firstIndex;

  /// @param firstIndex of the first entry to come
  EntryTail(long firstIndex) {
    this.firstIndex = firstIndex;
  }

  /// Index of the first entry here; of the next one to come when there is none.
  long firstIndex() {
    return firstIndex;
  }

  void add(Entry entry) {
    if (count == ring.length) {
      resize(count * 2);
    }
    ring[(head + count) & (ring.length - 1)] = entry;
    count++;
  }

  /// Forgets entries at and above `index`, where the next one goes.
  ///
  /// @return what they counted for
  long cutFrom(long index) {
    long bytes = 0;
    while (count > 0 && firstIndex + count > index) {
      count--;
      bytes += take((head + count) & (ring.length - 1));
    }
    if (count == 0) {
      firstIndex = index;
    }
    return bytes;
  }

  /// Forgets entries at and below `index`.
  ///
  /// @return what they counted for
  long dropThrough(long index) {
    long bytes = 0;
    while (count > 0 && firstIndex <= index) {
      bytes += take(head);
      head = (head + 1) & (ring.length - 1);
      firstIndex++;
      count--;
    }
    if (ring.length > LENGTH_MIN && count < ring.length / 8) {
      resize(ring.length / 2);
    }
    return bytes;
  }

  /// Entries from `from`, which is here, to `to`, cut where they pass `bytesMax`; at least one.
  List<Entry> entries(long from, long to, long bytesMax) {
    var found = new ArrayList<Entry>((int) Math.min(to - from + 1, 64));
    long bytes = 0;
    for (long index = from; index <= to; index++) {
      Entry entry = ring[(int) (head + index - firstIndex) & (ring.length - 1)];
      if (entry == null || (!found.isEmpty() && bytes + entry.sizeBytes() > bytesMax)) {
        break;
      }
      bytes += entry.sizeBytes();
      found.add(entry);
    }
    return found;
  }

  private long take(int position) {
    Entry entry = ring[position];
    ring[position] = null;
    return entry == null ? 0 : entry.sizeBytes();
  }

  private void resize(int length) {
    @Nullable Entry[] copy = new @Nullable Entry[length];
    for (int i = 0; i < count; i++) {
      copy[i] = ring[(head + i) & (ring.length - 1)];
    }
    ring = copy;
    head = 0;
  }
}
