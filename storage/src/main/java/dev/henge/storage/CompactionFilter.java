package dev.henge.storage;

/// Lets the owner of the data drop what it knows to be garbage (expired objects) while tables are
/// rewritten. What it drops is as if deleted; it is only asked about the newest version of a key,
/// and only where no reader can still see it otherwise.
///
/// - Threads: called from compaction threads, one call at a time per compaction.
public interface CompactionFilter {
  /// Keeps everything.
  CompactionFilter KEEP_ALL =
      (keyBytes, keyOffset, keyLength, valueBytes, valueOffset, valueLength) -> false;

  /// Whether the pair may be dropped. The arrays are borrowed until return.
  boolean isGarbage(
      byte[] keyBytes,
      int keyOffset,
      int keyLength,
      byte[] valueBytes,
      int valueOffset,
      int valueLength);
}
