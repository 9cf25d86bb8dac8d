/// Gossip in clusters of any size, up to thousands of members on one thread: the core alone, over
/// links that lose messages.
///
/// [GossipCluster] runs it, [GossipMeasurement] says what it costs and how soon what is known.
@NullMarked
package dev.henge.simulation.gossip;

import org.jspecify.annotations.NullMarked;
