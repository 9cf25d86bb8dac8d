/// What the tools that look into files share: [Dump] prints bytes with their meaning.
///
/// The packages of the formats know how to read theirs past damage and print through a [Dump]; they
/// report damage to a `Consumer` of `CorruptionException`s where there may be more than one.
///
/// Threads: everything here belongs to one thread.
///
/// Read first: [Dump].
@NullMarked
package dev.henge.storage.lsm.inspect;

import org.jspecify.annotations.NullMarked;
