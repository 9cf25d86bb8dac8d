/// The floor: five seams to the outside world, and the small arithmetic that every module shares.
///
/// [Clock], [Disk] (with [DiskFile]), [Network] (with [Connection]), [Randomness] and [Threads] are
/// the only ways to time, files, sockets, chance and threads. `Node`, the composition root, hands
/// them down; `dev.henge.base.system` holds the real ones, the simulator has seeded ones. The build
/// refuses code elsewhere that reaches around them.
///
/// Read first: [Disk], then [Threads].
@NullMarked
package dev.henge.base;

import org.jspecify.annotations.NullMarked;
