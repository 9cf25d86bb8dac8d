package dev.henge.consensus.metadata;

import dev.henge.base.CheckedFile;
import dev.henge.base.Disk;
import dev.henge.base.FormatException;
import dev.henge.consensus.group.StateMachine;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.SnapshotMark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The metadata as a replicated state: in memory, and in one file that is replaced with every batch
/// that changed it (changes are rare). The file is every node's last copy as well: by it a node
/// knows at its start where the others are.
///
/// - Threads: as [StateMachine] says; [#metadata] and [#listen] from any.
/// - Replies: a [MetadataOutcome] for each command.
public final class MetadataStateMachine implements StateMachine {
  private static final String KIND = "henge-metadata";

  /// What the file holds.
  ///
  /// @param index of the last entry that is applied as a whole
  /// @param commandIndex entry of the last command applied: an entry may come in parts
  /// @param commandOffset of that command within it
  /// @param mark of the image that it began with; null for none
  private record State(
      long index,
      long term,
      long commandIndex,
      int commandOffset,
      long nowMillis,
      @Nullable SnapshotMark mark,
      Metadata metadata) {
    static final State EMPTY = new State(0, 0, 0, 0, 0, null, Metadata.EMPTY);

    static State at(SnapshotMark mark, long nowMillis, Metadata metadata) {
      return new State(
          mark.index(),
          mark.term(),
          mark.index(),
          Integer.MAX_VALUE,
          nowMillis,
          mark.index() == 0 ? null : mark,
          metadata);
    }

    boolean holds(Command command) {
      return command.index() < commandIndex
          || (command.index() == commandIndex && command.offset() <= commandOffset);
    }

    State after(Command command, Metadata next) {
      return new State(
          index,
          term,
          command.index(),
          command.offset(),
          Math.max(nowMillis, command.nowMillis()),
          mark,
          next);
    }

    State whole(long newIndex, long newTerm) {
      return new State(newIndex, newTerm, commandIndex, commandOffset, nowMillis, mark, metadata);
    }
  }

  private final CheckedFile file;
  private final List<Consumer<Metadata>> listeners = new CopyOnWriteArrayList<>();

  private volatile State state;
  private volatile long durableIndex;

  private MetadataStateMachine(CheckedFile file, State state) {
    this.file = file;
    this.state = state;
    this.durableIndex = state.index();
  }

  /// Opens the last copy at `path`; empty where there is none.
  public static MetadataStateMachine open(Disk disk, Path path) throws IOException {
    CheckedFile file = file(disk, path);
    State state = file.exists() ? decode(file.readBytes()) : State.EMPTY;
    return new MetadataStateMachine(file, state);
  }

  /// The last copy at `path`, for whoever only wants to look.
  public static Metadata read(Disk disk, Path path) throws IOException {
    return decode(file(disk, path).readBytes()).metadata();
  }

  /// Puts a copy at `path` for a state machine to begin with.
  ///
  /// @param mark of the log that begins behind it; index 0 where the log's leader will send an
  ///   image before any entry
  public static void write(
      Disk disk, Path path, SnapshotMark mark, long nowMillis, Metadata metadata)
      throws IOException {
    file(disk, path)
        .writeBytes(MetadataFormat.version(metadata), encode(State.at(mark, nowMillis, metadata)));
  }

  /// What is applied here now.
  public Metadata metadata() {
    return state.metadata();
  }

  /// Calls `listener` with every later epoch (not all of them: the newest of each batch), on the
  /// thread that applies, when the copy on the disk has it.
  public void listen(Consumer<Metadata> listener) {
    listeners.add(listener);
  }

  @Override
  public long appliedIndex() {
    return state.index();
  }

  @Override
  public long durableIndex() {
    return durableIndex;
  }

  @Override
  public long nowMillis() {
    return state.nowMillis();
  }

  @Override
  public @Nullable SnapshotMark installedMark() {
    return state.mark();
  }

  @Override
  public void flush() throws IOException {
    if (durableIndex < state.index()) {
      persist(state);
    }
  }

  @Override
  public List<MetadataOutcome> apply(List<Command> commands) throws IOException {
    State after = state;
    var outcomes = new ArrayList<MetadataOutcome>();
    for (Command command : commands) {
      if (after.holds(command)) {
        // Applied before a crash; nobody waits for this answer any more.
        outcomes.add(new MetadataOutcome.Unchanged(after.metadata().epoch(), 0));
        continue;
      }
      MetadataRules.Transition transition =
          MetadataRules.apply(after.metadata(), MetadataFormat.decodeCommand(command.bytes()));
      outcomes.add(transition.outcome());
      after = after.after(command, transition.metadata());
    }
    boolean changed = after.metadata().epoch() != state.metadata().epoch();
    if (changed) {
      persist(after);
    }
    state = after;
    if (changed) {
      tell(after.metadata());
    }
    return outcomes;
  }

  @Override
  public void advance(long index, long term) {
    state = state.whole(index, term);
  }

  @Override
  public Image image() {
    byte[] bytes = encode(state);
    long index = state.index();
    return new Image() {
      @Override
      public long index() {
        return index;
      }

      @Override
      public Chunk chunk(byte[] position, int bytesMax) {
        int from = position.length == 0 ? 0 : ByteBuffer.wrap(position).getInt();
        int to = (int) Math.min(bytes.length, (long) from + bytesMax);
        return new Chunk(
            Arrays.copyOfRange(bytes, from, to),
            ByteBuffer.allocate(4).putInt(to).array(),
            to == bytes.length);
      }

      @Override
      public void close() {
        // Holds memory only.
      }
    };
  }

  @Override
  public Installation install(SnapshotMark mark) {
    return new Installation() {
      private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

      @Override
      public void add(byte[] chunk) throws IOException {
        if (bytes.size() + (long) chunk.length > CheckedFile.BYTES_MAX) {
          throw new FormatException("metadata of more than " + CheckedFile.BYTES_MAX + " bytes");
        }
        bytes.writeBytes(chunk);
      }

      @Override
      public void commit() throws IOException {
        State sent = decode(bytes.toByteArray());
        State installed =
            new State(
                mark.index(),
                mark.term(),
                sent.commandIndex(),
                sent.commandOffset(),
                sent.nowMillis(),
                mark,
                sent.metadata());
        persist(installed);
        state = installed;
        tell(installed.metadata());
      }

      @Override
      public void close() {
        // What is not committed is in memory only.
      }
    };
  }

  /// Writes what is not in the file yet.
  @Override
  public void close() throws IOException {
    flush();
  }

  private void persist(State next) throws IOException {
    file.writeBytes(MetadataFormat.version(next.metadata()), encode(next));
    durableIndex = next.index();
  }

  private void tell(Metadata metadata) {
    listeners.forEach(listener -> listener.accept(metadata));
  }

  private static CheckedFile file(Disk disk, Path path) {
    return new CheckedFile(
        disk, path, KIND, MetadataFormat.FORMAT_VERSION, MetadataFormat.GROUPS_ONLY);
  }

  private static byte[] encode(State state) {
    var out = new FieldWriter();
    out.number(MetadataFormat.version(state.metadata()));
    out.number(state.index());
    out.number(state.term());
    out.number(state.commandIndex());
    out.number(state.commandOffset());
    out.number(state.nowMillis());
    SnapshotMark mark = state.mark();
    out.list(
        mark == null ? List.<SnapshotMark>of() : List.of(mark),
        some -> {
          out.number(some.index());
          out.number(some.term());
          MetadataFormat.numbers(out, some.configuration().voters());
          MetadataFormat.numbers(out, some.configuration().outgoing());
          MetadataFormat.numbers(out, some.configuration().learners());
        });
    MetadataFormat.write(out, state.metadata());
    return out.bytes();
  }

  private static State decode(byte[] bytes) throws FormatException {
    var in = new FieldReader("copy of the metadata", bytes);
    int version = MetadataFormat.version(in);
    long index = in.longNumber();
    long term = in.longNumber();
    long commandIndex = in.longNumber();
    int commandOffset = in.number();
    long nowMillis = in.longNumber();
    List<SnapshotMark> marks =
        in.list(() ->
            new SnapshotMark(
                in.longNumber(),
                in.longNumber(),
                new Configuration(
                    new TreeSet<>(in.list(in::longNumber)),
                    new TreeSet<>(in.list(in::longNumber)),
                    new TreeSet<>(in.list(in::longNumber)))));
    Metadata metadata = MetadataFormat.metadata(in, version);
    in.end();
    return new State(
        index,
        term,
        commandIndex,
        commandOffset,
        nowMillis,
        marks.isEmpty() ? null : marks.getFirst(),
        metadata);
  }
}
