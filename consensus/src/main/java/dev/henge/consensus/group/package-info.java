/// Runs the Raft groups of one node: events in order for each group on a small shared pool, batches
/// at each border, snapshots, and the small interface that state machines and clients see.
///
/// Read first: [GroupRuntime], which has the pools, the ticker and what is sent; then [Replica],
/// one run of which carries what waits to the core and what the core wants to the log
/// ([HeldMessages] wait for it), to other members ([Outbox]) and to the [Applier]. [ProposalQueue]
/// and [InFlight] know who waits for which command, [ReadDesk] and [WaitingReads] for which read.
/// [ImageServer] and [ImagePull] are the two ends of a transfer; [Compaction] cuts the log;
/// [Changes] watches members and leadership.
///
/// Threads: a [Strand] runs one thing at a time on a shared pool. Each group has one for its core
/// and one for its state machine, which may block on a disk. They meet in volatile fields and in
/// small queues with a lock of their own; listeners are called outside of locks.
@NullMarked
package dev.henge.consensus.group;

import org.jspecify.annotations.NullMarked;
