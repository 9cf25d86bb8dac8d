/// A node's copies of eventual keyspaces.
///
/// - [KeyspaceReplica] reads, writes and merges the versions of keys in an engine; a [Change] is
///   what somebody wants done to a key, an [Outcome] what came of it.
/// - [ReplicaTree] shows others the hash tree over them.
/// - [Dots] gives each write its name.
///
/// Threads: any; a slot's lock orders the writes of its keys. Read first: [KeyspaceReplica].
@NullMarked
package dev.henge.replication.replica;

import org.jspecify.annotations.NullMarked;
