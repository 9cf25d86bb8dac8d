package dev.henge.storage;

/// What must have happened to a batch before it is acknowledged and visible.
public enum LogMode {
  /// In the engine's log, and the log synced: survives a power loss.
  SYNCED,
  /// In the engine's log, handed to the operating system: survives the death of the process.
  UNSYNCED,
  /// Not logged: durable only through [Engine#flushedSequence], because a log of the caller's own
  /// can replay it. An engine whose batches are partly logged and partly not can lose one of these
  /// in a crash and keep a later logged one: choose one kind for an engine.
  NONE
}
