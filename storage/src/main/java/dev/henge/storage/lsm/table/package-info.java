/// Sorted string tables: immutable files of sorted entries, with index, Bloom filter and checksums.
///
/// An *entry* is (key, trailer, value); the trailer packs sequence number and kind. Entries are
/// ordered by key, then newest first ([InternalCursor]). [TableBuilder] writes a table once,
/// [Table] reads it through the [BlockCache]; [RangeTombstones] are the ranges that a source
/// deletes. Bytes on disk: `FORMAT.md` here, offsets in [TableLayout].
///
/// Threads: a builder and a cursor belong to one thread; tables, the cache and tombstones are safe
/// from any. Lock: one per cache shard, never held over I/O.
///
/// Read first: [TableLayout], then [Table].
@NullMarked
package dev.henge.storage.lsm.table;

import org.jspecify.annotations.NullMarked;
