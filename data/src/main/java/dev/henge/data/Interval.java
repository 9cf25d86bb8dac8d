package dev.henge.data;

/// A stretch of positions as users name it: both ends inclusive, negative ones counted from the
/// end.
///
/// @param first inclusive, 0 or more
/// @param last inclusive, below the length; below `first` for nothing
record Interval(long first, long last) {
  private static final Interval EMPTY = new Interval(0, -1);

  /// What `start` to `end` means in something of `length` positions to GETRANGE and BITCOUNT:
  /// nothing where both count from the end and are the wrong way round.
  static Interval of(long start, long end, long length) {
    return start < 0 && end < 0 && start > end ? EMPTY : clamped(start, end, length);
  }

  /// What it means to BITPOS: positions before the begin are the first one, before anything is
  /// compared.
  static Interval clamped(long start, long end, long length) {
    long first = Math.max(0, start < 0 ? length + start : start);
    long last = Math.min(length - 1, Math.max(0, end < 0 ? length + end : end));
    return first > last ? EMPTY : new Interval(first, last);
  }

  boolean isEmpty() {
    return last < first;
  }
}
