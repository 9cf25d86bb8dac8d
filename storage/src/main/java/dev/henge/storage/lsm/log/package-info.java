/// The write-ahead log of an engine: framed groups of operations in recycled segments.
///
/// [CommitLog] places groups and writes them, [LogSegment] is one file, [LogRecovery] reads a
/// directory of them back and tells a torn tail from damage, [LogLayout] owns the bytes
/// (`FORMAT.md` here).
///
/// Threads: placing is guarded by the engine's append lock, writing and syncing by its commit lock.
///
/// Read first: [LogLayout], then [LogRecovery].
@NullMarked
package dev.henge.storage.lsm.log;

import org.jspecify.annotations.NullMarked;
