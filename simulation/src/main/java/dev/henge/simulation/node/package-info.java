/// Complete nodes: what a server puts together, on simulated machines, and an operator who lets
/// nodes join, leave and be replaced while clients work.
///
/// Read first: [dev.henge.simulation.node.NodeCluster], then [dev.henge.simulation.node.Operator].
@NullMarked
package dev.henge.simulation.node;

import org.jspecify.annotations.NullMarked;
