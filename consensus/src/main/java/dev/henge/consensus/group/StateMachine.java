package dev.henge.consensus.group;

import dev.henge.consensus.raft.SnapshotMark;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a group replicates.
///
/// - Threads: [#apply], [#image] and [#install] are called one at a time, by the group's apply
///   strand, and may block on the disk. Reads of the state itself are the state machine's own
///   affair.
/// - Determinism: the same commands give the same state and replies on every replica.
public interface StateMachine extends AutoCloseable {
  /// The last entry whose commands have all been applied to what this object holds now; where to go
  /// on after a restart.
  long appliedIndex();

  /// The last entry whose effects need no log any more, because they are durable here.
  long durableIndex();

  /// The time of the last command applied, as given with it; 0 before the first. An image brings
  /// its own. A new leader's time begins from it, so that time never goes back in a group.
  long nowMillis();

  /// The mark of the image that the content began with, as given to [#install]; null where it began
  /// empty. A node that crashes between [Installation#commit] and the reset of its log learns from
  /// it where the log must begin, so it becomes durable together with the image.
  @Nullable SnapshotMark installedMark();

  /// Asks for the durable index to move up to the applied one: the log wants to let go of what is
  /// below. Begins it and returns; called again until [#durableIndex] has moved, also after it
  /// found the disk full.
  void flush() throws IOException;

  /// Applies committed commands in order.
  ///
  /// @return one reply for each command
  /// @throws dev.henge.base.DiskFullException when space is out: called again later, from the same
  ///   command on, this goes on where it stopped, and gives the replies of all
  List<?> apply(List<Command> commands) throws IOException;

  /// The entry at `index` had no commands, or its commands are done: the applied index moves on.
  void advance(long index, long term);

  /// A stable image of what is applied now, to be streamed to a member that lags.
  Image image() throws IOException;

  /// Takes an image in, beside what is there; the state changes at [Installation#commit] only.
  Installation install(SnapshotMark mark) throws IOException;

  @Override
  void close() throws IOException;

  /// One committed command.
  ///
  /// @param index of its entry
  /// @param offset of the command within the entry, from 0
  /// @param nowMillis the entry's time: never goes back within a group
  /// @param seed the entry's source of chance
  /// @param bytes as proposed; borrowed
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Command(long index, long term, int offset, long nowMillis, long seed, byte[] bytes) {}

  /// A stable image, read in chunks from the beginning, again from any earlier position.
  interface Image extends AutoCloseable {
    /// Index of the last entry in it.
    long index();

    /// The chunk that begins at `position`, an opaque resume point (empty at the beginning).
    Chunk chunk(byte[] position, int bytesMax) throws IOException;

    @Override
    void close();
  }

  /// @param bytes of the image
  /// @param next where the next chunk begins; meaningless after the last
  /// @param last whether this is the end
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Chunk(byte[] bytes, byte[] next, boolean last) {}

  /// An image being taken in.
  interface Installation extends AutoCloseable {
    void add(byte[] chunk) throws IOException;

    /// Makes the image durable and the state machine's content, atomically over a crash.
    void commit() throws IOException;

    /// Gives up what is not committed.
    @Override
    void close() throws IOException;
  }
}
