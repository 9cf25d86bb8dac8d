/// One node among others: where groups are, and how operations come to those who lead them.
///
/// A frontend's connection has a [StrongSession]. It finds the groups that an operation is for and
/// hands a [StrongRequest] to the `StrongLane` of that group, which keeps order, retries what was
/// definitely not done, and holds the deadline. [StrongClient] tries: by `StrongExecution` on this
/// node's own [Replica], or by one call to the leader's node, where `StrongService` does the same.
/// [Failures] are the answers of requests that were not done, or may have been.
///
/// Threads: submits come from event threads and workers, answers from the groups' runtime and the
/// transport. A lane's lock is held for a few instructions, and no other is taken under it.
///
/// Read first: [StrongSession], then `StrongLane`.
@NullMarked
package dev.henge.server.cluster;

import org.jspecify.annotations.NullMarked;
