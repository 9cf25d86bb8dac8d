/// Clients of a simulated cluster: what they ask, and what they remember of the answers.
///
/// Read first: [Service], then [Client].
@NullMarked
package dev.henge.simulation.workload;

import org.jspecify.annotations.NullMarked;
