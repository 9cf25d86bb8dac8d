package dev.henge.consensus.raft;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the core wants done, since the last time it was asked.
///
/// Order: entries and hard state go to the log together, as one write; `messages` may leave at
/// once; `durableMessages` only when that write is durable. Then the core is told `Raft.persisted`.
/// Several writes may be under way; they become durable in order.
///
/// @param writeNumber number of the write, from 1, rising by one; 0 where there is nothing to
///   persist
/// @param hardState to persist; null when unchanged
/// @param entries to append; the first one's index may be at or below the log's last, which is then
///   cut there
/// @param messages that promise nothing durable
/// @param durableMessages that promise what this write makes durable, votes and acknowledgements;
///   where there is nothing to persist they may leave at once (the core keeps back what depends on
///   a write under way)
/// @param commitIndex everything up to here may be applied: it is committed, and durable here
/// @param readStates reads that may be answered once the state machine has applied their index
/// @param fetches entries that must be brought into memory for lagging followers
/// @param installSnapshot the image to pull from its sender and install; null for none
public record Ready(
    long writeNumber,
    @Nullable HardState hardState,
    List<Entry> entries,
    List<Message> messages,
    List<Message> durableMessages,
    long commitIndex,
    List<ReadState> readStates,
    List<Fetch> fetches,
    @Nullable InstallSnapshot installSnapshot) {

  /// @param context as given to `readIndex`
  /// @param index to be applied before the read; -1 when this replica cannot serve it (no longer
  ///   leader)
  public record ReadState(long context, long index) {}

  /// @param from first index wanted
  /// @param to last index wanted
  public record Fetch(long from, long to) {}

  /// @param from the member that offers it
  /// @param mark what it is the image of
  public record InstallSnapshot(long from, SnapshotMark mark) {}

  /// Whether there is anything to persist.
  public boolean writes() {
    return writeNumber != 0;
  }
}
