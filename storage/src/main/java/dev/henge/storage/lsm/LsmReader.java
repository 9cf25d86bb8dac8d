package dev.henge.storage.lsm;

import dev.henge.storage.Access;
import dev.henge.storage.Cursor;
import dev.henge.storage.Reader;
import dev.henge.storage.lsm.memtable.Memtable;
import dev.henge.storage.lsm.table.InternalCursor;
import dev.henge.storage.lsm.table.PointLookup;
import dev.henge.storage.lsm.table.RangeTombstones;
import dev.henge.storage.lsm.table.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Reads one [ReadView] at one sequence number.
///
/// A key is looked for in the newest source first: memtables, level 0 newest first, then one table
/// of each deeper level. A range tombstone met on the way covers everything in the older sources,
/// so the first source that says anything about the key decides.
final class LsmReader implements Reader {
  private final ReadView view;
  private final long sequence;
  private final Access access;
  private final LongAdder filterSkips;
  private @Nullable PointLookup lookup;
  private boolean closed;

  // what `locate` found
  private long foundTrailer;
  private long cover;
  private byte @Nullable [] foundValue;

  /// @param view already retained for this reader
  LsmReader(ReadView view, long sequence, Access access, LongAdder filterSkips) {
    this.view = view;
    this.sequence = sequence;
    this.access = access;
    this.filterSkips = filterSkips;
  }

  @Override
  public long sequence() {
    return sequence;
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    if (!locate(key) || !InternalCursor.isPut(foundTrailer)) {
      return null;
    }
    return InternalCursor.sequence(foundTrailer) > cover ? foundValue : null;
  }

  @Override
  public Cursor cursor() {
    var sources = new ArrayList<InternalCursor>();
    List<RangeTombstones> tombstones = new ArrayList<>(0);
    for (Memtable memtable : view.memtables) {
      sources.add(memtable.cursor());
      if (!memtable.tombstones().isEmpty()) {
        tombstones.add(memtable.tombstones());
      }
    }
    for (TableFile file : view.version.level(0)) {
      sources.add(LevelCursor.over(file, access));
    }
    for (int level = 1; level < LsmOptions.LEVELS; level++) {
      TableFile[] files = view.version.level(level);
      if (files.length > 0) {
        sources.add(new LevelCursor(files, access));
      }
    }
    for (TableFile file : view.version.withTombstones()) {
      tombstones.add(file.table.tombstones());
    }
    InternalCursor merged = sources.size() == 1 ? sources.getFirst() : new MergingCursor(sources);
    return new LsmCursor(merged, sequence, tombstones);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      view.release();
    }
  }

  /// Looks for the newest entry of `key`; `cover` tells of range tombstones on the way.
  private boolean locate(byte[] key) {
    cover = 0;
    foundValue = null;
    long hash = Table.hash(key);
    for (Memtable memtable : view.memtables) {
      cover = Math.max(cover, memtable.tombstones().coverOf(key, key.length, sequence));
      int entry = memtable.find(key, hash, sequence);
      if (entry != 0) {
        foundTrailer = memtable.trailer(entry);
        if (InternalCursor.isPut(foundTrailer) && InternalCursor.sequence(foundTrailer) > cover) {
          foundValue = memtable.value(entry);
        }
        return true;
      }
      if (cover > 0) {
        return false;
      }
    }
    return locateInTables(key, hash);
  }

  private boolean locateInTables(byte[] key, long hash) {
    PointLookup found = lookup;
    if (found == null) {
      found = new PointLookup();
      lookup = found;
    }
    for (TableFile file : view.version.level(0)) {
      if (file.mayHold(key) && decides(file, key, hash, found)) {
        return found.trailer() != 0;
      }
    }
    for (int level = 1; level < LsmOptions.LEVELS; level++) {
      TableFile[] files = view.version.level(level);
      if (files.length == 0) {
        continue;
      }
      int at = LsmVersion.find(files, key);
      if (at < files.length && files[at].mayHold(key) && decides(files[at], key, hash, found)) {
        return found.trailer() != 0;
      }
    }
    return false;
  }

  /// Whether this table has an entry or a range tombstone for the key.
  private boolean decides(TableFile file, byte[] key, long hash, PointLookup found) {
    cover = Math.max(cover, file.table.tombstones().coverOf(key, key.length, sequence));
    boolean hit = false;
    if (file.table.mayContain(hash)) {
      hit = found.find(file.table, key, sequence, access);
    } else {
      filterSkips.increment();
    }
    if (hit) {
      foundTrailer = found.trailer();
      foundValue = found.value();
      return true;
    }
    found.miss();
    return cover > 0;
  }
}
