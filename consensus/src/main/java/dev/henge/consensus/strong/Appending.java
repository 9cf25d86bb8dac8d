package dev.henge.consensus.strong;

import dev.henge.storage.Engine;
import dev.henge.storage.LogMode;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.WriteRefusedException;
import java.io.IOException;

/// Appends without a log, waiting for room.
final class Appending {
  private Appending() {}

  /// @return the sequence number of the last operation of the batch
  /// @throws WriteRefusedException when nothing was stored: the disk is full, or the engine has
  ///   stopped
  static long append(Engine engine, WriteBatch batch, Room room) throws IOException {
    while (true) {
      try {
        return engine.append(batch, LogMode.NONE);
      } catch (WriteRefusedException refused) {
        if (refused.reason() != WriteRefusedException.Reason.STALLED) {
          throw refused;
        }
      }
      room.await(engine);
    }
  }
}
