package dev.henge.server.cluster;

import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.strong.RequestId;
import dev.henge.data.Operation;
import dev.henge.data.Scope;
import dev.henge.server.store.Keyspace;
import org.jspecify.annotations.Nullable;

/// What a client asks of a strong keyspace, before it is known which groups hold it.
///
/// @param requestId under which a write that is sent again happens once; null for none
/// @param timeoutMillis after which it is answered one way or the other
public record StrongCall(
    Keyspace keyspace,
    Scope.Limits limits,
    Operation operation,
    Consistency consistency,
    @Nullable RequestId requestId,
    long timeoutMillis) {

  /// The id by which metadata knows where the keyspace's groups are.
  int routeId() {
    return keyspace.database() >= 0 ? Metadata.NO_KEYSPACE : keyspace.id();
  }

  StrongRequest to(long group, StrongRequest.Kind kind, Operation part) {
    return new StrongRequest(
        group,
        kind,
        keyspace.database() >= 0 ? 0 : keyspace.id(),
        keyspace.database(),
        limits,
        part,
        consistency,
        requestId,
        0);
  }
}
