/// A node's part in its cluster: who the members are, where groups are, and how operations come to
/// those who lead them.
///
/// [Cluster] puts the membership together: `ClusterFile`, `Founding` and `Joining` say who the node
/// is; [ClusterMap] is the metadata that it follows, `MetadataClient` changes it; `Replicas` and
/// `GroupStores` keep what the node holds as the metadata says; `Duties` is what leaders of groups
/// do for it, `Steward` plans at its leader. [PeerPort] is the way to other nodes.
///
/// A frontend's connection has a [StrongSession]. It finds the groups that an operation is for and
/// hands a [StrongRequest] to the `StrongLane` of that group, which keeps order, retries what was
/// definitely not done, and holds the deadline. [StrongClient] tries: by `StrongExecution` on this
/// node's own [Replica], or by one call to the leader's node, where `StrongService` does the same.
/// [Failures] are the answers of requests that were not done, or may have been.
///
/// Threads: one thread of the cluster changes replicas and looks at what is to do. Submits come
/// from event threads and workers, answers from the groups' runtime and the transport. A lane's
/// lock is held for a few instructions, and no other is taken under it.
///
/// Formats: FORMAT.md in `dev.henge.server.store` and `dev.henge.consensus.metadata`. Read first:
/// [Cluster] and `Replicas`; [StrongSession], then `StrongLane`.
@NullMarked
package dev.henge.server.cluster;

import org.jspecify.annotations.NullMarked;
