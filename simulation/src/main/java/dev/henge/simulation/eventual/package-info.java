/// Members with copies of eventual keyspaces, alone: who owns what, and who is believed to live,
/// comes from a script in the place of metadata and gossip.
///
/// - [EventualCluster] has the machines, [EventualLife] is one life of what runs on one, [Rumours]
///   what each believes of the others.
/// - [EventualClient] does what clients do and keeps a [Deed] of each; [KeyHistory] is all that
///   became of a key, and [KeyJudge] says what is wrong with it.
/// - [EventualSimulation] is a run.
///
/// Threads: the simulation's. Read first: [EventualSimulation].
@NullMarked
package dev.henge.simulation.eventual;

import org.jspecify.annotations.NullMarked;
