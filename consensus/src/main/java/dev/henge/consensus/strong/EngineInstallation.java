package dev.henge.consensus.strong;

import dev.henge.base.CorruptionException;
import dev.henge.consensus.group.StateMachine;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.data.codec.CodecReader;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import java.io.IOException;

/// An image being taken in: an engine of its own beside the one in service.
///
/// - Threads: the apply strand.
/// - Lifetime: closing what is not committed removes it.
final class EngineInstallation implements StateMachine.Installation {
  /// Takes a finished engine into service.
  interface Commit {
    void serve(PinnedEngine engine, SnapshotMark mark) throws IOException;
  }

  private final PinnedEngine building;
  private final SnapshotMark mark;
  private final Room room;
  private final Commit commit;
  private final WriteBatch batch = new WriteBatch(64 << 10);
  private boolean ended;

  EngineInstallation(PinnedEngine building, SnapshotMark mark, Room room, Commit commit) {
    this.building = building;
    this.mark = mark;
    this.room = room;
    this.commit = commit;
  }

  @Override
  public void add(byte[] chunk) throws IOException {
    batch.clear();
    var in = new CodecReader("chunk of an image", chunk);
    while (in.remaining() > 0) {
      batch.put(in.bytes(), in.bytes());
    }
    if (!batch.isEmpty()) {
      Appending.append(building.engine(), batch, room);
    }
  }

  @Override
  public void commit() throws IOException {
    Engine engine = building.engine();
    try (Reader reader = engine.latest(Access.DISK)) {
      AppliedState state = AppliedState.load(reader);
      if (state.wholeIndex() != mark.index()) {
        throw new CorruptionException(
            "image at index " + mark.index(), 0, "it holds what was applied up to " + state);
      }
    }
    engine.flush();
    ended = true;
    commit.serve(building, mark);
  }

  @Override
  public void close() throws IOException {
    if (!ended) {
      ended = true;
      building.letGo(true);
    }
  }
}
