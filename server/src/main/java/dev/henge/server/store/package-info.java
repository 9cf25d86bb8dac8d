/// Where operations meet engines: keyspaces, and the groups that evaluate them.
///
/// A [Group] is one engine with the keyspaces on it. Reads run where the caller stands, on a reader
/// of what is acknowledged; writes are evaluated one at a time under the group's lock on the latest
/// state, appended to the engine, and acknowledged when the log holds them. A [Keyspace] is what a
/// client selects: a name, its declaration and its group.
///
/// Lock order: group lock, then the engine's own. No lock is held while the disk is read or synced,
/// with one exception, named in [Group].
///
/// Read first: [Group].
@NullMarked
package dev.henge.server.store;

import org.jspecify.annotations.NullMarked;
