package dev.henge.simulation.replica;

import dev.henge.base.DiskFullException;
import dev.henge.consensus.group.StateMachine;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.simulation.workload.Service;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A state machine under the eyes of a [Witness].
final class WitnessedState implements ReplicatedState {
  private final ReplicatedState state;
  private final Witness witness;
  private final long group;
  private final long member;
  private long lastMillis;

  WitnessedState(ReplicatedState state, Witness witness, long group, long member) {
    this.state = state;
    this.witness = witness;
    this.group = group;
    this.member = member;
  }

  @Override
  public List<?> apply(List<Command> commands) throws IOException {
    long millisBefore = lastMillis;
    for (Command command : commands) {
      witness.applied(group, member, command);
      if (command.nowMillis() < lastMillis) {
        witness.violation("time went back in group " + group + " at " + command.index());
      }
      lastMillis = command.nowMillis();
    }
    try {
      return state.apply(commands);
    } catch (DiskFullException comesAgain) {
      lastMillis = millisBefore;
      throw comesAgain;
    }
  }

  @Override
  public StateMachine.Installation install(SnapshotMark mark) throws IOException {
    StateMachine.Installation installation = state.install(mark);
    return new StateMachine.Installation() {
      @Override
      public void add(byte[] chunk) throws IOException {
        installation.add(chunk);
      }

      @Override
      public void commit() throws IOException {
        installation.commit();
        witness.installed();
      }

      @Override
      public void close() throws IOException {
        installation.close();
      }
    };
  }

  @Override
  public byte[] command(Service.Request request, Operation operation) {
    return state.command(request, operation);
  }

  @Override
  public Reply reply(Object applied) {
    return state.reply(applied);
  }

  @Override
  public Reply read(Operation operation, long nowMillis) {
    return state.read(operation, nowMillis);
  }

  @Override
  public long digest() {
    return state.digest();
  }

  @Override
  public long appliedIndex() {
    return state.appliedIndex();
  }

  @Override
  public long durableIndex() {
    return state.durableIndex();
  }

  @Override
  public long nowMillis() {
    return state.nowMillis();
  }

  @Override
  public @Nullable SnapshotMark installedMark() {
    return state.installedMark();
  }

  @Override
  public void flush() throws IOException {
    state.flush();
  }

  @Override
  public void advance(long index, long term) {
    state.advance(index, term);
  }

  @Override
  public StateMachine.Image image() throws IOException {
    return state.image();
  }

  @Override
  public void close() throws IOException {
    state.close();
  }
}
