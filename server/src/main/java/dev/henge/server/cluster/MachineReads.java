package dev.henge.server.cluster;

import dev.henge.consensus.strong.StrongStateMachine;
import dev.henge.data.KeyspaceSize;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.storage.Access;
import dev.henge.storage.EngineStatistics;

/// Reads of a replica's own state machine.
record MachineReads(StrongStateMachine machine) implements GroupReads {
  @Override
  public Reply evaluateRead(
      Operation operation,
      int keyspaceId,
      int database,
      Scope.Limits limits,
      long now,
      long seed,
      Access access) {
    return machine.evaluateRead(operation, keyspaceId, database, limits, now, seed, access);
  }

  @Override
  public Operation.Watch evaluateWatch(
      byte[] key, int keyspaceId, int database, long now, Access access) {
    return machine.evaluateWatch(key, keyspaceId, database, now, access);
  }

  @Override
  public State pin() {
    StrongStateMachine.Pinned pinned = machine.pin();
    return new State() {
      @Override
      public Reply evaluateRead(
          Operation operation,
          int keyspaceId,
          int database,
          Scope.Limits limits,
          long now,
          long seed) {
        return pinned.evaluateRead(operation, keyspaceId, database, limits, now, seed);
      }

      @Override
      public Operation.Watch evaluateWatch(byte[] key, int keyspaceId, int database, long now) {
        return pinned.evaluateWatch(key, keyspaceId, database, now);
      }

      @Override
      public void close() {
        pinned.close();
      }
    };
  }

  @Override
  public EngineStatistics statistics() {
    return machine.statistics();
  }

  @Override
  public KeyspaceSize size(int database, int walkedMax) {
    return machine.size(database, walkedMax);
  }

  @Override
  public long contentHash() {
    return machine.contentHash();
  }
}
