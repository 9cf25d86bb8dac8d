package dev.henge.consensus.strong;

import dev.henge.base.DiskFullException;
import dev.henge.storage.Engine;
import dev.henge.storage.LogMode;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.WriteRefusedException;
import java.io.IOException;

/// Appends without a log, waiting for room.
final class Appending {
  private Appending() {}

  /// @return the sequence number of the last operation of the batch
  /// @throws DiskFullException when nothing was stored, and the same may be once there is space
  /// @throws WriteRefusedException when nothing was stored: the engine has stopped
  static long append(Engine engine, WriteBatch batch, Room room) throws IOException {
    while (true) {
      try {
        return engine.append(batch, LogMode.NONE);
      } catch (WriteRefusedException refused) {
        switch (refused.reason()) {
          case STALLED -> {}
          case DISK_FULL ->
              throw new DiskFullException(String.valueOf(refused.getMessage()), refused);
          case STOPPED, TOO_LARGE -> throw refused;
        }
      }
      room.await(engine);
    }
  }
}
