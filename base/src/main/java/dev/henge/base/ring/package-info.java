/// Which servers hold which slots: consistent hashing with virtual nodes, racks and data centres
/// told apart, loads bounded, little moved when servers come and go. Pure arithmetic.
///
/// [RingPlanner] makes a [SlotTable] of [RingServer]s and the [Copies] wanted, or the next table
/// from the one before. It puts together where servers lie ([Ring]), how copies of a slot are
// spread
/// ([Spread], a tree of [Place]s), and how much each server holds ([Shares]); [Holders] is the
// table
/// while it is made, and [Exchange] finds the chains of moves that are left at the end.
/// [RingBalance] measures a table.
///
/// Read first: [RingPlanner].
@NullMarked
package dev.henge.base.ring;

import org.jspecify.annotations.NullMarked;
