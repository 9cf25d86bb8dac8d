package dev.henge.consensus.log;

/// Bounds of a [LogStore].
///
/// @param segmentBytes size of a segment file; its space is taken before it is used
/// @param tailBytesMax written entries kept in memory, over all groups
/// @param pendingBytesMax entries handed in and not yet written, above which the store calls itself
///   overloaded
/// @param roundBytesMax of one write; a larger append makes a write of its own
public record LogOptions(
    long segmentBytes, long tailBytesMax, long pendingBytesMax, int roundBytesMax) {
  /// 64 MiB segments, 64 MiB in memory, 64 MiB pending, 4 MiB a write.
  public static final LogOptions DEFAULT = new LogOptions(64 << 20, 64 << 20, 64 << 20, 4 << 20);

  /// @throws IllegalArgumentException when a segment could not hold its own head
  public LogOptions {
    if (segmentBytes < 32 << 10 || segmentBytes > 1 << 30) {
      throw new IllegalArgumentException("a segment has 32 KiB to 1 GiB, not " + segmentBytes);
    }
    roundBytesMax = (int) Math.min(roundBytesMax, segmentBytes / 4);
  }
}
