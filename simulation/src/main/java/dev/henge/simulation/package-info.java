/// Complete nodes, many, on one thread, in virtual time, from one seed.
///
/// A [Simulation] builds a cluster, lets clients work on it while a schedule of faults runs, heals
/// everything, and judges: was every answer linearizable, was no acknowledged write lost, are all
/// replicas equal, does the cluster serve again.
///
/// Eventual keyspaces promise other things: [dev.henge.simulation.eventual.EventualSimulation].
///
/// Read first: [Simulation], then [Cluster].
@NullMarked
package dev.henge.simulation;

import org.jspecify.annotations.NullMarked;
