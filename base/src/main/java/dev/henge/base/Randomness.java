package dev.henge.base;

/// The only source of chance in a node, so that a seed repeats a run.
///
/// - Threads: safe from any thread.
public interface Randomness {
  long nextLong();

  /// Uniform in `[0, bound)`; `bound` must be positive.
  default int nextInt(int bound) {
    return (int) Long.remainderUnsigned(nextLong() >>> 1, bound);
  }
}
