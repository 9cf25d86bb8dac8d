package dev.henge.benchmark.cluster;

import dev.henge.benchmark.report.ProcessUse;
import java.io.IOException;

/// A cluster of three under measurement.
public interface Peer extends AutoCloseable {
  String name();

  /// Version and how it was started.
  String describe() throws IOException;

  /// Runs `load` to its end.
  Sample run(Load load) throws IOException;

  /// What its processes use, together.
  ProcessUse use();

  @Override
  void close() throws IOException;
}
