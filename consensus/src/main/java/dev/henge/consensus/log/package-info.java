/// The log of all groups of one node, in one file sequence with one sync for all.
///
/// Read first: `FORMAT.md`, then [LogStore], `LogRounds` (what was handed in, one write, one sync),
/// then [GroupLog] (one group's log as the core and the runtime see it). `LogRecovery` reads the
/// files back.
///
/// Threads: groups call from their strands and never wait; one log thread (tasks of a pool) writes,
/// syncs and calls listeners; readers load old entries and prepare segments. Lock order: a group's
/// monitor, then the store's.
@NullMarked
package dev.henge.consensus.log;

import org.jspecify.annotations.NullMarked;
