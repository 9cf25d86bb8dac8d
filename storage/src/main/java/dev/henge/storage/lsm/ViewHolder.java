package dev.henge.storage.lsm;

import dev.henge.base.Disk;
import dev.henge.storage.EngineException;
import dev.henge.storage.lsm.memtable.Memtable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Holds the engine's current [ReadView], and changes it: memtables rotated, tables installed.
///
/// - Threads: any. `installing` orders changes of tables and is held while the manifest is written;
///   `viewLock` guards the swap itself and is held for moments.
final class ViewHolder {
  private final Disk disk;
  private final Path directory;
  private final AtomicLong nextFileNumber;
  private final ReentrantLock installing = new ReentrantLock();
  private final Object viewLock = new Object();

  // written under viewLock
  private volatile ReadView view;
  private volatile boolean closed;

  // written under installing
  private volatile long flushedSequence;
  private volatile long oldestLogNumber;

  ViewHolder(Disk disk, Path directory, Manifest manifest, ReadView view) {
    this.disk = disk;
    this.directory = directory;
    this.nextFileNumber = new AtomicLong(manifest.nextFileNumber());
    this.flushedSequence = manifest.flushedSequence();
    this.oldestLogNumber = manifest.oldestLogNumber();
    this.view = view;
  }

  /// The current view, pinned for the caller, who releases it.
  ///
  /// @throws EngineException when there is none any more, because the engine is closed
  ReadView acquire() {
    while (true) {
      ReadView current = view;
      if (current.tryRetain()) {
        return current;
      }
      if (closed) {
        throw new EngineException(new IOException("the engine is closed"));
      }
    }
  }

  /// The current view, for looking at counts and sizes only: it may be released at any time.
  ReadView peek() {
    return view;
  }

  long nextFileNumber() {
    return nextFileNumber.getAndIncrement();
  }

  long flushedSequence() {
    return flushedSequence;
  }

  /// Puts a fresh memtable in front. Takes over the caller's reference to it.
  void rotate(Memtable fresh) {
    synchronized (viewLock) {
      ReadView old = view;
      var memtables = new Memtable[old.memtables.length + 1];
      memtables[0] = fresh;
      System.arraycopy(old.memtables, 0, memtables, 1, old.memtables.length);
      view = new ReadView(memtables, old.version);
      fresh.release();
      old.release();
    }
  }

  /// Replaces the oldest memtable by the tables it was written to; whatever a range tombstone of
  /// those covers entirely goes at once.
  ///
  /// @param oldestLog the segment where recovery begins from now on
  void installFlush(Memtable flushed, List<TableFile> tables, long sequence, long oldestLog)
      throws IOException {
    installing.lock();
    try {
      LsmVersion current = view.version;
      var removed = new HashSet<TableFile>();
      for (TableFile table : tables) {
        for (int level = 0; level < LsmOptions.LEVELS; level++) {
          for (TableFile old : current.level(level)) {
            if (table.table.tombstones().coverOfRange(old.smallest(), old.end())
                > old.properties.largestSequence()) {
              removed.add(old);
            }
          }
        }
      }
      long newFlushed = Math.max(flushedSequence, sequence);
      LsmVersion next = current.edit(removed, 0, tables);
      writeManifest(next, newFlushed, oldestLog, tables);
      flushedSequence = newFlushed;
      oldestLogNumber = oldestLog;
      removed.forEach(TableFile::markObsolete);
      swap(next, flushed);
    } finally {
      installing.unlock();
    }
  }

  /// Replaces tables by others.
  void installCompaction(Set<TableFile> inputs, int outputLevel, Collection<TableFile> outputs)
      throws IOException {
    installing.lock();
    try {
      LsmVersion current = view.version;
      // A flush may have dropped inputs since, because a range tombstone covers them. What was
      // merged
      // from them is covered as well and does no harm; a table that only moves must not come back.
      var added = new ArrayList<TableFile>();
      var fresh = new ArrayList<TableFile>();
      for (TableFile output : outputs) {
        boolean moved = inputs.contains(output);
        if (!moved) {
          fresh.add(output);
        }
        if (!moved || current.contains(output)) {
          added.add(output);
        }
      }
      LsmVersion next = current.edit(inputs, outputLevel, added);
      writeManifest(next, flushedSequence, oldestLogNumber, fresh);
      for (TableFile input : inputs) {
        if (!added.contains(input)) {
          input.markObsolete();
        }
      }
      swap(next, null);
    } finally {
      installing.unlock();
    }
  }

  /// The current view, pinned for the caller, with a manifest of its tables and an empty log.
  ///
  /// The manifest's sequence number is the flushed one, not the largest in the tables: what had the
  /// largest may have been a deletion that is not kept.
  Frozen freeze() {
    installing.lock();
    try {
      ReadView pinned = acquire();
      return new Frozen(pinned, manifest(pinned.version, flushedSequence, 1));
    } finally {
      installing.unlock();
    }
  }

  /// Tables that go together with the manifest that names them.
  record Frozen(ReadView view, Manifest manifest) {}

  void close() {
    synchronized (viewLock) {
      closed = true;
      view.release();
    }
  }

  private void swap(LsmVersion next, @Nullable Memtable flushed) {
    synchronized (viewLock) {
      ReadView old = view;
      Memtable[] memtables =
          Arrays.stream(old.memtables).filter(one -> one != flushed).toArray(Memtable[]::new);
      view = new ReadView(memtables, next);
      old.release();
    }
  }

  /// @param fresh tables to close when this fails, and to delete when the old manifest is in force
  private void writeManifest(
      LsmVersion version, long flushed, long oldestLog, Collection<TableFile> fresh)
      throws IOException {
    try {
      manifest(version, flushed, oldestLog).write(disk, directory);
    } catch (IOException e) {
      boolean unknown = e instanceof Manifest.UnknownException;
      for (TableFile table : fresh) {
        if (!unknown) {
          table.markObsolete();
        }
        table.retain();
        table.release();
      }
      throw e;
    }
  }

  private Manifest manifest(LsmVersion version, long flushed, long oldestLog) {
    var levels = new ArrayList<List<Manifest.Entry>>();
    for (int level = 0; level < LsmOptions.LEVELS; level++) {
      var entries = new ArrayList<Manifest.Entry>();
      for (TableFile file : version.level(level)) {
        entries.add(new Manifest.Entry(file.number, file.byteCount));
      }
      levels.add(entries);
    }
    return new Manifest(nextFileNumber.get(), flushed, oldestLog, levels);
  }
}
