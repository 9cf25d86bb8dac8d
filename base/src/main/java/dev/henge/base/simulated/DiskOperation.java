package dev.henge.base.simulated;

import java.nio.file.Path;

/// One operation on a [SimulatedDisk].
///
/// @param index number among all operations of this disk, from 0
/// @param offset where in the file; 0 where that means nothing
/// @param bytes how many bytes; 0 where that means nothing
public record DiskOperation(long index, Kind kind, Path path, long offset, long bytes) {
  /// What is done.
  public enum Kind {
    OPEN(false),
    READ(false),
    LIST(false),
    LOCK(false),
    CREATE(true),
    WRITE(true),
    TRUNCATE(true),
    SYNC(true),
    RENAME(true),
    LINK(true),
    DELETE(true),
    CREATE_DIRECTORY(true),
    SYNC_DIRECTORY(true);

    private final boolean changes;

    Kind(boolean changes) {
      this.changes = changes;
    }

    /// Whether a power loss before it and one after it can leave different disks.
    public boolean changesTheDisk() {
      return changes;
    }
  }

  /// Whether the path ends in `suffix`.
  public boolean names(String suffix) {
    return path.toString().endsWith(suffix);
  }

  @Override
  public String toString() {
    return "#%d %s %s @%d +%d".formatted(index, kind, path, offset, bytes);
  }
}
