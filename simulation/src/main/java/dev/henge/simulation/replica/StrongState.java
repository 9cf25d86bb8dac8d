package dev.henge.simulation.replica;

import dev.henge.base.Clock;
import dev.henge.base.Disk;
import dev.henge.base.Threads;
import dev.henge.consensus.group.StateMachine;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.consensus.strong.RequestId;
import dev.henge.consensus.strong.Room;
import dev.henge.consensus.strong.StrongCommand;
import dev.henge.consensus.strong.StrongOptions;
import dev.henge.consensus.strong.StrongStateMachine;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.simulation.workload.Service;
import dev.henge.storage.Access;
import dev.henge.storage.CompactionFilter;
import dev.henge.storage.lsm.LsmEngine;
import dev.henge.storage.lsm.LsmOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The state machine of strong keyspaces, on an engine so small that it flushes and compacts in
/// every run.
public final class StrongState implements ReplicatedState {
  private static final int DATABASE = 0;

  private final StrongStateMachine machine;

  private StrongState(StrongStateMachine machine) {
    this.machine = machine;
  }

  /// A [ReplicatedState.Factory].
  public static ReplicatedState open(
      long group, Disk disk, Path directory, Threads threads, Clock clock) throws IOException {
    return open(group, disk, directory, threads, clock, UnaryOperator.identity());
  }

  /// @param filters makes another filter for compactions of the one that belongs there
  static ReplicatedState open(
      long group,
      Disk disk,
      Path directory,
      Threads threads,
      Clock clock,
      UnaryOperator<CompactionFilter> filters)
      throws IOException {
    LsmOptions options = engineOptions();
    var background = threads.pool("strong-" + group, 1, 64);
    return new StrongState(
        StrongStateMachine.open(
            new StrongOptions(
                disk,
                directory,
                (path, filter) ->
                    LsmEngine.open(
                        path,
                        options.withCompactionFilter(filters.apply(filter)),
                        disk,
                        clock,
                        threads),
                background,
                Room.INLINE)));
  }

  private static LsmOptions engineOptions() {
    return LsmOptions.defaults()
        .withMemtableBytes(8 << 10)
        .withLogSegmentBytes(8 << 10)
        .withBlocks(512, 4)
        .withBlockCacheBytes(64 << 10)
        .withLevels(8 << 10, 32 << 10, 4);
  }

  @Override
  public byte[] command(Service.Request request, Operation operation) {
    return StrongCommand.ofDatabase(
            DATABASE,
            new RequestId(request.client(), request.number()),
            Scope.Limits.DEFAULT,
            operation)
        .encode();
  }

  @Override
  public Reply reply(Object applied) {
    return (Reply) applied;
  }

  @Override
  public Reply read(Operation operation, long nowMillis) {
    return machine.evaluateRead(
        operation, 0, DATABASE, Scope.Limits.DEFAULT, nowMillis, 0, Access.DISK);
  }

  @Override
  public long digest() {
    return machine.contentHash();
  }

  @Override
  public long appliedIndex() {
    return machine.appliedIndex();
  }

  @Override
  public long durableIndex() {
    return machine.durableIndex();
  }

  @Override
  public long nowMillis() {
    return machine.nowMillis();
  }

  @Override
  public @Nullable SnapshotMark installedMark() {
    return machine.installedMark();
  }

  @Override
  public void flush() throws IOException {
    machine.flush();
  }

  @Override
  public List<?> apply(List<Command> commands) throws IOException {
    return machine.apply(commands);
  }

  @Override
  public void advance(long index, long term) {
    machine.advance(index, term);
  }

  @Override
  public StateMachine.Image image() throws IOException {
    return machine.image();
  }

  @Override
  public StateMachine.Installation install(SnapshotMark mark) throws IOException {
    return machine.install(mark);
  }

  @Override
  public void close() throws IOException {
    machine.close();
  }
}
