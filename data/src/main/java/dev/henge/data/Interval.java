package dev.henge.data;

/// A stretch of positions as users name it: both ends inclusive, negative ones counted from the end.
///
/// @param first inclusive, 0 or more
/// @param last inclusive, below the length; below `first` for nothing
record Interval(long first, long last) {
  private static final Interval EMPTY = new Interval(0, -1);

  /// What `start` to `end` means in something of `length` positions.
  static Interval of(long start, long end, long length) {
    if (start < 0 && end < 0 && start > end) {
      return EMPTY;
    }
    long first = Math.max(0, start < 0 ? length + start : start);
    long last = Math.min(length - 1, Math.max(0, end < 0 ? length + end : end));
    return first > last ? EMPTY : new Interval(first, last);
  }

  boolean isEmpty() {
    return last < first;
  }
}
