package dev.henge.storage.lsm.table;

import dev.henge.storage.Access;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Finds the newest version of one key in tables; reused from key to key by one reader.
///
/// - Threads: one.
public final class PointLookup {
  private final BlockCursor cursor = new BlockCursor();

  private long trailer;
  private byte @Nullable [] value;

  /// Looks for `key` at or below `sequence` in `table`.
  ///
  /// @return whether there is an entry: [#trailer] and, for a put, [#value] tell it
  public boolean find(Table table, byte[] key, long sequence, Access access) {
    BlockCache.Frame frame = table.find(key, InternalCursor.trailer(sequence, 1), access, cursor);
    if (frame == null) {
      return false;
    }
    try {
      if (!cursor.valid || !Arrays.equals(cursor.key, 0, cursor.keyLength, key, 0, key.length)) {
        return false;
      }
      trailer = cursor.trailer;
      value = InternalCursor.isPut(trailer) ? cursor.copyValue() : null;
      return true;
    } finally {
      frame.release();
    }
  }

  /// Forgets what was found before.
  public void miss() {
    trailer = 0;
    value = null;
  }

  /// Of the entry found; 0 after [#miss].
  public long trailer() {
    return trailer;
  }

  /// A fresh copy of the value found; null for a deletion.
  public byte @Nullable [] value() {
    return value;
  }
}
