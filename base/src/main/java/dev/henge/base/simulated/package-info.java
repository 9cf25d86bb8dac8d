/// The seams for tests and for the simulator: a disk in memory that can lose its power, time that
/// moves only when told to, tasks that run in an order chosen by a seed. The twin of
/// [dev.henge.base.system]; nothing in production uses it.
@NullMarked
package dev.henge.base.simulated;

import org.jspecify.annotations.NullMarked;
