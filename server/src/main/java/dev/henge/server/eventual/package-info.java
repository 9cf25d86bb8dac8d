/// Eventual keyspaces, as frontends see them: any node takes any request.
///
/// - [EventualKeyspaces] is the way to them, [EventualPolicy] what a keyspace declares,
///   [KeysAnswer] what a walk over keys gives.
///
/// Threads: any. Read first: [EventualKeyspaces].
@NullMarked
package dev.henge.server.eventual;

import org.jspecify.annotations.NullMarked;
