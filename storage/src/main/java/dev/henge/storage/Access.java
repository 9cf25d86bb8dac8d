package dev.henge.storage;

/// What a reader may do to find its data.
public enum Access {
  /// Only look in memory: where that is not enough, [NotInMemoryException] is thrown.
  MEMORY,
  /// Read from the disk where needed: may block.
  DISK
}
