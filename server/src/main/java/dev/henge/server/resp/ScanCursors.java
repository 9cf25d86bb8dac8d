package dev.henge.server.resp;

import dev.henge.base.Slots;
import dev.henge.data.ScanPosition;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Gives clients numbers for places of a walk, since a SCAN cursor must be one.
///
/// - Shape: `tag << 14 | slot`. Tag 0 is the beginning of the slot; any other names a key in the
///   middle of it, kept here. A tag that is no longer known restarts its slot: a walk may meet a
///   key twice, as Redis's may, and never misses one. Cursor 0 is both the beginning and the end of
///   a walk.
/// - Bound: [#KEPT_MAX] tags, the oldest goes first.
/// - Threads: any.
final class ScanCursors {
  private static final int SLOT_BITS = 14;

  /// A walk holds one tag; at 64 KiB of key each, below 64 MiB in the worst case, usually 100 KB.
  private static final int KEPT_MAX = 1024;

  // guarded by this
  private final Map<Long, ScanPosition> kept = new LinkedHashMap<>();
  private long lastTag;

  /// Reads a cursor that a client sent.
  static long parse(byte[] digits) throws CommandException {
    long value = 0;
    boolean valid = digits.length > 0 && digits.length <= 20;
    for (int i = 0; valid && i < digits.length; i++) {
      int digit = digits[i] - '0';
      valid = digit >= 0 && digit <= 9 && Long.compareUnsigned(value, MOST_TENTH) <= 0;
      value = value * 10 + digit;
    }
    if (!valid) {
      throw new CommandException("ERR invalid cursor");
    }
    return value;
  }

  private static final long MOST_TENTH = Long.divideUnsigned(-1L, 10);

  ScanPosition position(long cursor) {
    int slot = (int) (cursor & (Slots.COUNT - 1));
    long tag = cursor >>> SLOT_BITS;
    ScanPosition known;
    synchronized (this) {
      known = kept.get(tag);
    }
    return known != null && known.slot() == slot ? known : new ScanPosition(slot, null);
  }

  /// The cursor that leads to `position`; null is the end.
  long cursor(@Nullable ScanPosition position) {
    if (position == null) {
      return 0;
    }
    if (position.afterKey() == null) {
      return position.slot();
    }
    synchronized (this) {
      long tag = ++lastTag;
      kept.put(tag, position);
      if (kept.size() > KEPT_MAX) {
        kept.remove(kept.keySet().iterator().next());
      }
      return tag << SLOT_BITS | position.slot();
    }
  }
}
