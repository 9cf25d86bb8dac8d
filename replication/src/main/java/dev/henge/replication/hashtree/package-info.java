/// Hash trees over the keys of a node's copies, kept up to date by every write, so that two copies
/// find where they differ without reading what is equal.
///
/// - [HashTree] is the tree of one keyspace: 16 [Leaf]s in each slot, in the engine, written in the
///   same batch as what they are of; [SlotLeaves] are those of a slot in memory.
/// - [HashedKey] is a key on its way into the tree, [Sum] what stands at a place of it.
/// - [TreeCheck] computes a tree from the data.
/// - [Grave] is what stays of a key whose tombstone went.
///
/// Threads: writers of a slot exclude each other by a lock of the tree's owner. `FORMAT.md` says
/// what is stored. Read first: [HashTree].
@NullMarked
package dev.henge.replication.hashtree;

import org.jspecify.annotations.NullMarked;
