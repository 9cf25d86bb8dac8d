package dev.henge.storage.lsm;

import dev.henge.storage.lsm.memtable.Memtable;
import java.util.concurrent.atomic.AtomicInteger;

/// Everything that holds data at one moment: memtables and tables, pinned for readers.
///
/// The engine replaces its view when a memtable is rotated or tables change; a reader pins the view
/// it finds and so keeps memory and files alive until it is closed.
///
/// - Threads: any. [#tryRetain] refuses to raise a count that has reached zero.
final class ReadView {
  /// Newest first; the first is written to, the others are immutable.
  final Memtable[] memtables;

  final LsmVersion version;
  private final AtomicInteger references = new AtomicInteger(1);

  ReadView(Memtable[] memtables, LsmVersion version) {
    this.memtables = memtables;
    this.version = version;
    for (Memtable memtable : memtables) {
      memtable.retain();
    }
    version.retainAll();
  }

  boolean tryRetain() {
    while (true) {
      int count = references.get();
      if (count == 0) {
        return false;
      }
      if (references.compareAndSet(count, count + 1)) {
        return true;
      }
    }
  }

  void release() {
    if (references.decrementAndGet() == 0) {
      for (Memtable memtable : memtables) {
        memtable.release();
      }
      version.releaseAll();
    }
  }
}
