/// The simulation of eventual keyspaces: whether seeds are good, and whether its judge sees what is
/// wrong.
@NullMarked
package dev.henge.simulation.eventual;

import org.jspecify.annotations.NullMarked;
