/// The rules of gossip one by one, on a member whose messages and time are given by hand; whole
/// clusters of members are simulated in the module `simulation`.
///
/// Read first: [GossipTest].
@NullMarked
package dev.henge.replication.membership;

import org.jspecify.annotations.NullMarked;
