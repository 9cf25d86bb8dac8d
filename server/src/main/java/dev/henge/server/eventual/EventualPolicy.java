package dev.henge.server.eventual;

import dev.henge.replication.quorum.Level;

/// What an eventual keyspace declares about its requests. What is too large, and its TTL, are its
/// [limits][dev.henge.data.Scope.Limits] as of every keyspace.
///
/// @param copies of each key, where there are as many members
/// @param read copies that a read asks that names no level
/// @param write copies that a write asks that names no level
/// @param strict whether only owners' copies count
/// @param latestWins whether of concurrent versions only the latest stays
public record EventualPolicy(
    int copies, Level read, Level write, boolean strict, boolean latestWins) {}
