/// What goes wrong, and when: drawn from the seed.
///
/// Read first: [FaultClass], then [Schedule].
@NullMarked
package dev.henge.simulation.fault;

import org.jspecify.annotations.NullMarked;
