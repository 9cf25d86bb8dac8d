package dev.henge.benchmark.strong;

import dev.henge.benchmark.report.ProcessUse;
import java.io.IOException;

/// A cluster of three under measurement.
interface Peer extends AutoCloseable {
  String name();

  /// Version and how it was started.
  String describe() throws IOException;

  /// Writes keys 0 to `keys`.
  default void load(long keys) throws IOException {
    run(new Load(Load.Kind.PUT, 512, keys, Math.max(2, keys / 50_000.0)));
  }

  /// Runs `load` against the leader.
  Sample run(Load load) throws IOException;

  /// What its processes use, together.
  ProcessUse use();

  @Override
  void close() throws IOException;
}
