/// Machines, many, on one thread: virtual time, tasks that take some of it, disks, and what goes
/// wrong with each.
///
/// Read first: [World], then [Incarnation].
@NullMarked
package dev.henge.simulation.world;

import org.jspecify.annotations.NullMarked;
