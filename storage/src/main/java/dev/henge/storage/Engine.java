package dev.henge.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An ordered store of byte keys and byte values.
///
/// - Order: keys compare as unsigned bytes, a prefix before what it begins.
/// - Sequence numbers: each operation of each batch gets the next one, from 1, also over restarts.
/// - Visibility: a batch is seen by readers as a whole, once the log holds it as its [LogMode]
///   asks, and never before an earlier one. Until then only [#latest] shows it.
/// - Threads: safe from any thread; readers never wait for writers. Appends exclude each other. A
///   caller that reads [#latest] and then appends by what it saw must hold a lock of its own over
///   both.
/// - Errors: a failed write or sync of the log stops the writer for good
///   ([WriteRefusedException.Reason#STOPPED]); reads go on.
/// - Lifetime: [#close] waits for background work, syncs the log and ends; open readers must be
///   closed before.
public interface Engine extends AutoCloseable {
  /// Numbers the batch, puts it in the latest state and hands it to the log. Never blocks on the
  /// disk.
  ///
  /// The batch is copied; the caller may reuse it. What is acknowledged to a user must wait for
  /// [#await] or [#whenAcknowledged] of the returned number.
  ///
  /// @return the sequence number of the last operation of the batch
  /// @throws WriteRefusedException when nothing was stored
  long append(WriteBatch batch, LogMode mode) throws WriteRefusedException;

  /// Blocks until every batch up to `sequence` is as durable as its mode asks. Callers that wait
  /// together share one write and one sync; one of them does it for all (group commit).
  ///
  /// @throws WriteRefusedException with `STOPPED` when that can never be known to be true: whether
  ///   the batch survives is unknown until the engine is reopened
  void await(long sequence) throws WriteRefusedException;

  /// Runs `done` once every batch up to `sequence` is as durable as its mode asks: now, on this
  /// thread, where it already is; otherwise later on the log's thread, which it must not hold up.
  /// Never blocks.
  void whenAcknowledged(long sequence, AcknowledgeListener done);

  /// [#append] and [#await] in one, waiting for room first.
  ///
  /// @return the sequence number of the last operation of the batch
  default long write(WriteBatch batch, LogMode mode) throws IOException {
    while (true) {
      try {
        long sequence = append(batch, mode);
        await(sequence);
        return sequence;
      } catch (WriteRefusedException refused) {
        if (refused.reason() != WriteRefusedException.Reason.STALLED) {
          throw refused;
        }
        awaitRoom();
      }
    }
  }

  /// Blocks while flush and compaction are so far behind that [#append] refuses (`STALLED`).
  void awaitRoom() throws WriteRefusedException;

  /// A reader of everything acknowledged, and of at least `minimumSequence`: a caller that has
  /// written up to there, and whose answer will wait for that write, sees its own writes. Pass 0
  /// for none.
  Reader reader(long minimumSequence, Access access);

  /// A reader of the latest state, with batches that are not acknowledged yet.
  Reader latest(Access access);

  /// A reader of what is visible now, which stays open as long as its owner likes and keeps its
  /// version of every key from being compacted away.
  Reader snapshot();

  /// The value of `key` among what is visible, null when absent. May read the disk.
  default byte @Nullable [] get(byte[] key) {
    try (Reader reader = reader(0, Access.DISK)) {
      return reader.get(key);
    }
  }

  /// The number of the last operation appended.
  long lastSequence();

  /// Everything up to this number is acknowledged and visible.
  long visibleSequence();

  /// Everything up to this number is in the log and the log synced, or in synced tables.
  long durableSequence();

  /// Everything up to this number is in synced tables: it needs no log any more.
  long flushedSequence();

  /// Syncs the log up to what was appended before the call, whatever the mode: the tick of
  /// `interval` durability. Blocks.
  void syncLog() throws WriteRefusedException;

  /// Writes all that is in memory to tables. Blocks; [#flushedSequence] is then at least the
  /// [#lastSequence] at the call.
  void flush() throws IOException;

  /// Compacts everything into the fewest levels. Blocks, for as long as it takes.
  void compact() throws IOException;

  /// Writes a consistent copy of the visible state to `directory`, which must not exist, by hard
  /// links where it can; the copy opens as an engine.
  void checkpoint(Path directory) throws IOException;

  EngineStatistics statistics();

  /// About how many entries there are in `[start, end)`: mostly above the truth, never meant for
  /// more than a gauge. Reads no data from the disk.
  default long entryCountEstimate(byte[] start, byte[] end) {
    return statistics().entryCountEstimate();
  }

  /// Why the writer has stopped for good; empty while it takes writes, or only refuses them for
  /// now.
  Optional<WriteRefusedException> stoppedBy();

  @Override
  void close() throws IOException;

  /// Told of the end of a wait.
  interface AcknowledgeListener {
    void acknowledged();

    /// The writer has stopped: whether the batch survives is unknown.
    void unknown(WriteRefusedException stopped);
  }
}
