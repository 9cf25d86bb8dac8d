/// Messages between simulated nodes: what a network may do to them, and what it may not.
@NullMarked
package dev.henge.simulation.network;

import org.jspecify.annotations.NullMarked;
