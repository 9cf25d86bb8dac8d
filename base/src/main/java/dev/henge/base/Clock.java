package dev.henge.base;

/// Time, as a node sees it.
///
/// - Threads: safe from any thread; neither method blocks.
public interface Clock {
  /// Milliseconds since the Unix epoch by the wall clock. May jump in either direction.
  long wallMillis();

  /// Nanoseconds from an arbitrary origin. Never goes back; only differences mean anything.
  long monotonicNanos();
}
