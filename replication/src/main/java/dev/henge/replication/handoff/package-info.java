/// Hints: copies kept for a member that cannot take them now, until it can.
///
/// - [HintStore] keeps them on disk, within bounds; a [Hint] is one. [RunningTime] tells their age.
/// - [HintReplay] brings them to their targets, paced; what belongs to somebody who does not come
///   back goes to the owners of its slot.
///
/// Threads: any; a store is guarded by itself. `FORMAT.md` says what is stored. Read first:
/// [HintStore].
@NullMarked
package dev.henge.replication.handoff;

import org.jspecify.annotations.NullMarked;
