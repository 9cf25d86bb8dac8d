package dev.henge.storage;

import dev.henge.base.simulated.SimulatedThreads;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.NullMarked;

/// Appends on one thread: background work and time go on while the engine has no room.
@NullMarked
final class PatientAppend {
  private static final int TRIES_MAX = 10_000;

  private PatientAppend() {}

  /// @return the sequence number of the batch
  /// @throws WriteRefusedException as the engine does, but for want of room only after long waiting
  static long append(Engine engine, SimulatedThreads threads, WriteBatch batch, LogMode mode)
      throws IOException {
    for (int tries = 0; ; tries++) {
      try {
        return engine.append(batch, mode);
      } catch (WriteRefusedException refused) {
        if (refused.reason() != WriteRefusedException.Reason.STALLED || tries == TRIES_MAX) {
          throw refused;
        }
      }
      if (!threads.runOne()) {
        threads.advance(Duration.ofMillis(10));
        threads.promptly(engine::awaitRoom);
      }
    }
  }
}
