package dev.henge.server.eventual;

import dev.henge.data.Scope;
import dev.henge.replication.quorum.Level;
import org.jspecify.annotations.Nullable;

/// Where a request goes, and how it is to be done.
///
/// @param keyspace its name, for texts
/// @param limits what is too large for it
/// @param read level that the client chose; null for the keyspace's
/// @param write as `read`
/// @param timeoutMillis after which it is answered one way or the other
public record Asking(
    String keyspace,
    int keyspaceId,
    Scope.Limits limits,
    @Nullable Level read,
    @Nullable Level write,
    long timeoutMillis) {}
