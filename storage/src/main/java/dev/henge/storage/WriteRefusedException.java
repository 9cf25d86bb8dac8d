package dev.henge.storage;

import java.io.IOException;

/// A write was not accepted; nothing of it was stored. Reads go on.
public final class WriteRefusedException extends IOException {
  /// Why, and whether waiting helps.
  public enum Reason {
    /// The disk is full; writes are taken again when space returns.
    DISK_FULL,
    /// Flush and compaction are behind: the caller must wait ([Engine#awaitRoom]) and come again.
    STALLED,
    /// An earlier write or sync failed, so the writer stopped; reopening recovers what is durable.
    STOPPED,
    /// The batch is larger than the engine takes.
    TOO_LARGE
  }

  private final Reason reason;

  public WriteRefusedException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public WriteRefusedException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
