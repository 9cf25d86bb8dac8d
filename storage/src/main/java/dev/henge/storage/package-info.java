/// The contract of every storage engine: ordered bytes, atomic batches, readers at a sequence.
///
/// A [WriteBatch] goes into an [Engine] by [Engine#append], which numbers each of its operations
/// with a sequence number and makes the batch part of the latest state; it becomes visible to
/// readers, all of it at once, when the log holds it as its [LogMode] asks. [Reader]s see one
/// sequence number for as long as they are open. `lsm` is the engine for data larger than memory.
///
/// Read first: [Engine].
@NullMarked
package dev.henge.storage;

import org.jspecify.annotations.NullMarked;
