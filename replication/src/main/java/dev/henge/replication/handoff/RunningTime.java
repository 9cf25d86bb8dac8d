package dev.henge.replication.handoff;

import dev.henge.base.Clock;
import dev.henge.base.LittleEndian;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.LogMode;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.WriteRefusedException;

/// How long this node has run in all its lives: a clock that no wall clock can turn, which stands
/// while the node is down. What is measured by it lives rather too long than too short.
///
/// - Shape: a record in the hints' engine, written by [#save]; a crash loses what came since.
/// - Threads: any.
public final class RunningTime {
  private final Engine engine;
  private final Clock clock;
  private final long before;
  private final long startNanos;

  /// Reads the disk.
  public RunningTime(Engine engine, Clock clock) {
    this.engine = engine;
    this.clock = clock;
    this.startNanos = clock.monotonicNanos();
    try (Reader reader = engine.latest(Access.DISK)) {
      byte[] stored = reader.get(HintKeys.RUNNING_TIME);
      this.before = stored == null ? 0 : LittleEndian.getLong(stored, 0);
    }
  }

  public long seconds() {
    return before + (clock.monotonicNanos() - startNanos) / 1_000_000_000;
  }

  /// Has the next life begin here.
  public void save() throws WriteRefusedException {
    byte[] stored = new byte[Long.BYTES];
    LittleEndian.putLong(stored, 0, seconds());
    engine.append(new WriteBatch().put(HintKeys.RUNNING_TIME, stored), LogMode.UNSYNCED);
  }
}
