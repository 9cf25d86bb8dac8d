/// What was written and is not in a table yet: a skip list outside the Java heap.
///
/// [Memtable] holds entries and range tombstones: [SkipList] keeps keys in order, each with the
/// chain of its versions, [KeyIndex] finds a key by hash, [MemtableMemory] has the chunks that both
/// name, recycled from one memtable to the next.
///
/// Threads: one writer at a time (the engine's append lock); readers never wait and see every entry
/// whose insertion happened before their sequence number was published.
///
/// Read first: [SkipList].
@NullMarked
package dev.henge.storage.lsm.memtable;

import org.jspecify.annotations.NullMarked;
