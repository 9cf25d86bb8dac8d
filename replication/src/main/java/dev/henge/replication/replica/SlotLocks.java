package dev.henge.replication.replica;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/// The locks of a keyspace's slots: whoever reads the latest state of a slot and writes by what it
/// saw holds its lock over both.
///
/// - Shape: slots share 256 locks, ten times as many as threads could want at one moment.
final class SlotLocks {
  private static final int LOCKS = 256;

  private final Lock[] locks = new Lock[LOCKS];

  SlotLocks() {
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  Lock of(int slot) {
    return locks[slot % LOCKS];
  }
}
