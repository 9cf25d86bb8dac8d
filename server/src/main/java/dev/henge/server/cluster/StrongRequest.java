package dev.henge.server.cluster;

import dev.henge.consensus.strong.RequestId;
import dev.henge.data.Operation;
import dev.henge.data.Scope;
import org.jspecify.annotations.Nullable;

/// One operation for one group.
///
/// @param group whose log or state it is for
/// @param kind what is wanted of the group
/// @param keyspaceId of a named keyspace; 0 for a database
/// @param database 0-15, or -1 for a named keyspace
/// @param operation with [Kind#WATCH] the keys as a [Operation.GetMany]; with [Kind#HOLDERS] of no
///   effect
/// @param consistency of reads
/// @param requestId under which a write that is sent again happens once; null for none
/// @param index with [Kind#HOLDERS] the entry asked about, else 0
public record StrongRequest(
    long group,
    Kind kind,
    int keyspaceId,
    int database,
    Scope.Limits limits,
    Operation operation,
    Consistency consistency,
    @Nullable RequestId requestId,
    long index) {
  /// What is wanted. On the wire: never renumber ([#code]).
  public enum Kind {
    /// Through the log: what may write, and reads that must not overtake it.
    COMMAND(0),
    /// Evaluated on the state of one replica.
    READ(1),
    /// How keys stand: answers `Many` of keyspace id and revision in turn.
    WATCH(2),
    /// Who holds an entry durably: answers `Many` of whether the leader does (1 or 0), and how many
    /// replicas besides it.
    HOLDERS(3);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /// Whether it may be done twice without harm: nothing changes by it, or once.
  boolean repeatable() {
    return !operation.writes() || requestId != null || kind != Kind.COMMAND;
  }

  StrongRequest throughLog() {
    return new StrongRequest(
        group,
        Kind.COMMAND,
        keyspaceId,
        database,
        limits,
        operation,
        consistency,
        requestId,
        index);
  }
}
