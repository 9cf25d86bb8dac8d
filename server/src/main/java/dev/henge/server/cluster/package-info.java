/// A node's part in its cluster: who the members are, where groups are, and how operations come to
/// those who lead them.
///
/// [Cluster] says who the node is: `ClusterFile`, `Founding` and `Joining` are how it came to be a
/// member; `LocalMember` is what it runs as one. [ClusterMap] is the metadata that it follows,
/// `MetadataClient` changes it; `Replicas` and `GroupStores` keep what the node holds as the
/// metadata says; `Contacts` and `Probing` know who can be reached; `Duties` is what leaders of
/// groups do for the metadata, `Steward` plans at its leader, for those who are up as
/// [dev.henge.server.membership] has it. `Announcement` and `StatusReports` tell others of this
/// node; `KeyspaceDeclarations` and `LeadershipTransfers` do what people ask for. [PeerPort] is the
/// way to other nodes.
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
/// [Cluster], `LocalMember` and `Replicas`; [StrongSession], then `StrongLane`.
@NullMarked
package dev.henge.server.cluster;

import org.jspecify.annotations.NullMarked;
