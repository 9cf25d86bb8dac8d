/// Eventual keyspaces: any node takes any request.
///
/// - [EventualClient] is what frontends ask: requests with contexts, each a [KeyAnswer] ([Live] is
///   what a reader sees), and the operations of clients without, by [PlainOperations]. Its failures
///   are one table, [EventualFailures]; [EventualSession] is the order of one connection's
///   requests.
/// - [EventualKeyspaces] is the way to the keyspaces, [EventualPolicy] what one declares,
///   [KeysAnswer] what a walk over keys gives.
/// - [EventualMember] goes that way: [Coordination] brings a request to a copy, [OwnReplicas] are
///   those of this node, [ReplicaService] and [PeerReplicas] what nodes ask of each other.
///
/// Threads: any. Read first: [EventualClient], then [EventualMember].
@NullMarked
package dev.henge.server.eventual;

import org.jspecify.annotations.NullMarked;
