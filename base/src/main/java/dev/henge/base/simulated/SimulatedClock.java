package dev.henge.base.simulated;

import dev.henge.base.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// Time that moves only when told to.
public final class SimulatedClock implements Clock {
  private static final long START_MILLIS = 1_750_000_000_000L;

  private final AtomicLong nanos = new AtomicLong();

  @Override
  public long wallMillis() {
    return START_MILLIS + nanos.get() / 1_000_000;
  }

  @Override
  public long monotonicNanos() {
    return nanos.get();
  }

  public void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
  }
}
