/// Who is alive, as this node believes: [Membership] runs the pure core of
/// [dev.henge.replication.membership] over the node's seams.
///
/// One thread of its own ticks and takes messages; anybody asks.
@NullMarked
package dev.henge.server.membership;

import org.jspecify.annotations.NullMarked;
