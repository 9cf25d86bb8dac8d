/// How the replica that coordinates a request asks the others, and when it has enough.
///
/// - [Coordinator] takes writes and reads of keys whose slot this node owns. [WriteRound] and
///   [ReadRound] are one request each.
/// - [Level] is how many copies a request asks for, [Tally] who has confirmed.
/// - [Placement], [Liveness][dev.henge.replication.membership.Liveness] and [RemoteReplicas] are
///   what it knows of the others; a server gives them.
///
/// Threads: any; a round is guarded by itself. Read first: [Coordinator].
@NullMarked
package dev.henge.replication.quorum;

import org.jspecify.annotations.NullMarked;
