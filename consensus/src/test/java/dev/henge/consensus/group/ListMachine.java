package dev.henge.consensus.group;

import dev.henge.consensus.raft.SnapshotMark;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A state machine that remembers the commands it was given, in their order; a command's reply is
/// its place. What is flushed survives in a [Saved].
final class ListMachine implements StateMachine {
  /// What a crash leaves.
  static final class Saved {
    List<String> content = List.of();
    long appliedIndex;
    long nowMillis;
    @Nullable SnapshotMark installed;
  }

  private final Saved saved;
  private final List<String> content;
  private long appliedIndex;
  private long nowMillis;
  boolean flushes = true;
  boolean fails;
  boolean closed;

  ListMachine(Saved saved) {
    this.saved = saved;
    content = new ArrayList<>(saved.content);
    appliedIndex = saved.appliedIndex;
    nowMillis = saved.nowMillis;
  }

  List<String> content() {
    return content;
  }

  @Override
  public long appliedIndex() {
    return appliedIndex;
  }

  @Override
  public long durableIndex() {
    return saved.appliedIndex;
  }

  @Override
  public long nowMillis() {
    return nowMillis;
  }

  @Override
  public @Nullable SnapshotMark installedMark() {
    return saved.installed;
  }

  @Override
  public void flush() {
    if (flushes) {
      saved.content = List.copyOf(content);
      saved.appliedIndex = appliedIndex;
      saved.nowMillis = nowMillis;
    }
  }

  @Override
  public List<?> apply(List<Command> commands) throws java.io.IOException {
    if (fails) {
      throw new java.io.IOException("planned");
    }
    var replies = new ArrayList<Object>();
    for (Command command : commands) {
      if (command.index() <= appliedIndex) {
        throw new IllegalStateException("entry " + command.index() + " is applied twice");
      }
      if (command.nowMillis() < nowMillis) {
        throw new IllegalStateException("time goes back at entry " + command.index());
      }
      nowMillis = command.nowMillis();
      replies.add(content.size());
      content.add(new String(command.bytes(), StandardCharsets.UTF_8));
    }
    return replies;
  }

  @Override
  public void advance(long index, long term) {
    if (index <= appliedIndex) {
      throw new IllegalStateException("index " + index + " goes back");
    }
    appliedIndex = index;
  }

  @Override
  public Image image() {
    return new ListImage(List.copyOf(content), appliedIndex, nowMillis);
  }

  @Override
  public Installation install(SnapshotMark mark) {
    return new ListInstallation(mark);
  }

  @Override
  public void close() {
    closed = true;
  }

  /// Chunks of whole lines; a position is the number of the next line.
  private record ListImage(List<String> lines, long index, long nowMillis) implements Image {
    @Override
    public Chunk chunk(byte[] position, int bytesMax) {
      int from = position.length == 0 ? 0 : ByteBuffer.wrap(position).getInt();
      var text = new StringBuilder();
      if (from == 0) {
        text.append(nowMillis).append('\n');
      }
      int at = from;
      while (at < lines.size() && text.length() < bytesMax) {
        text.append(lines.get(at++)).append('\n');
      }
      return new Chunk(
          text.toString().getBytes(StandardCharsets.UTF_8),
          ByteBuffer.allocate(4).putInt(at).array(),
          at == lines.size());
    }

    @Override
    public void close() {}
  }

  private final class ListInstallation implements Installation {
    private final SnapshotMark mark;
    private final StringBuilder text = new StringBuilder();

    ListInstallation(SnapshotMark mark) {
      this.mark = mark;
    }

    @Override
    public void add(byte[] chunk) {
      text.append(new String(chunk, StandardCharsets.UTF_8));
    }

    @Override
    public void commit() {
      List<String> lines = text.toString().lines().toList();
      content.clear();
      content.addAll(lines.subList(1, lines.size()));
      nowMillis = Long.parseLong(lines.getFirst());
      appliedIndex = mark.index();
      saved.installed = mark;
      flush();
    }

    @Override
    public void close() {}
  }
}
