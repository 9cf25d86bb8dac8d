package dev.henge.storage;

/// What a reader may do to find its data.
public enum Access {
  /// Only look into the engine's own memory: where that is not enough, [NotInMemoryException] is
  /// thrown.
  CACHE,
  /// Only look in memory, that of the system included, from where a point read may fetch a block:
  /// where that is not enough, [NotInMemoryException] is thrown.
  MEMORY,
  /// Read from the disk where needed: may block.
  DISK
}
