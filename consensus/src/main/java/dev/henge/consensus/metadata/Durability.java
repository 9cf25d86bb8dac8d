package dev.henge.consensus.metadata;

import dev.henge.storage.LogMode;

/// What a write has survived when it is acknowledged.
public enum Durability {
  /// A power loss: the log is synced first.
  FSYNC(LogMode.SYNCED),
  /// The death of the process; a power loss takes at most what came since the last timed sync.
  INTERVAL(LogMode.UNSYNCED),
  /// The death of the process; the operating system syncs when it likes.
  OS(LogMode.UNSYNCED);

  private final LogMode logMode;

  Durability(LogMode logMode) {
    this.logMode = logMode;
  }

  public LogMode logMode() {
    return logMode;
  }
}
