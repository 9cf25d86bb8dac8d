package dev.henge.benchmark.cluster;

/// What a client does with one key.
public enum Operation {
  /// Reads its value.
  READ,
  /// Writes a value, whether or not there is one.
  WRITE,
  /// Reads the value, and writes another once it has come. It takes as long as both.
  READ_MODIFY_WRITE
}
