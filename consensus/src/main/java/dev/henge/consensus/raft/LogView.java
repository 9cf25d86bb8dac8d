package dev.henge.consensus.raft;

import java.util.List;

/// A group's log as the core sees it: in memory, never blocking. It shows entries from the moment
/// at which [Ready] handed them over to be written, durable or not.
///
/// - Threads: the group's own.
public interface LogView {
  /// Where the log begins: entries from `mark().index() + 1` on are there.
  SnapshotMark mark();

  /// Index of the last entry; `mark().index()` when there is none.
  long lastIndex();

  /// Term of the entry at `index`, from `mark().index()` (the mark's own term) to [#lastIndex].
  long term(long index);

  /// Entries from `from` to `to`, both inclusive, cut where their sizes pass `bytesMax` (but always
  /// at least one). Empty when the first of them is not in memory: then it must be fetched.
  List<Entry> entries(long from, long to, long bytesMax);
}
