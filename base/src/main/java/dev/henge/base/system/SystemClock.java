package dev.henge.base.system;

import dev.henge.base.Clock;

/// The machine's clocks.
public final class SystemClock implements Clock {
  @Override
  public long wallMillis() {
    return System.currentTimeMillis();
  }

  @Override
  public long monotonicNanos() {
    return System.nanoTime();
  }
}
