package dev.henge.consensus.raft;

import java.util.SortedMap;
import java.util.TreeMap;

/// The configurations in a group's log, by the index of their entries: the newest one counts,
/// whether committed or not (4.1), and goes when its entry is cut away.
///
/// - Shape: from the mark's configuration on; those behind a committed newer one are forgotten.
final class Configurations {
  private final TreeMap<Long, Configuration> byIndex = new TreeMap<>();

  Configurations(SnapshotMark mark, SortedMap<Long, Configuration> entries) {
    byIndex.put(mark.index(), mark.configuration());
    byIndex.putAll(entries.tailMap(mark.index() + 1));
  }

  Configuration current() {
    return byIndex.lastEntry().getValue();
  }

  /// Index of the entry that made [#current].
  long currentIndex() {
    return byIndex.lastKey();
  }

  Configuration at(long index) {
    var entry = byIndex.floorEntry(index);
    return (entry == null ? byIndex.firstEntry() : entry).getValue();
  }

  void add(long index, Configuration configuration) {
    byIndex.put(index, configuration);
  }

  /// The log was cut: entries from `first` on are gone.
  ///
  /// @return whether that changed [#current]
  boolean cut(long first) {
    var gone = byIndex.tailMap(first, true);
    boolean any = !gone.isEmpty();
    gone.clear();
    return any;
  }

  /// The log begins at `mark` now.
  void compacted(SnapshotMark mark) {
    byIndex.headMap(mark.index(), true).clear();
    byIndex.put(mark.index(), mark.configuration());
  }
}
