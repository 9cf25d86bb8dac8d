/// What a replica does with writes and merges. Read first: [KeyspaceReplicaTest].
@NullMarked
package dev.henge.replication.replica;

import org.jspecify.annotations.NullMarked;
