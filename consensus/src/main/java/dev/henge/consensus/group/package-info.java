/// Runs the Raft groups of one node: events in order for each group on a small shared pool, batches
/// at each border, snapshots, and the small interface that state machines and clients see.
@NullMarked
package dev.henge.consensus.group;

import org.jspecify.annotations.NullMarked;
