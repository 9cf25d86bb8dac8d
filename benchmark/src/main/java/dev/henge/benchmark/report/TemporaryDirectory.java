package dev.henge.benchmark.report;

import dev.henge.base.system.SystemDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A directory that goes away, with all that is in it, when closed. `java.io.tmpdir` says where.
public final class TemporaryDirectory implements AutoCloseable {
  private final Path path;

  public TemporaryDirectory(String prefix) throws IOException {
    path = Files.createTempDirectory(prefix);
  }

  public Path path() {
    return path;
  }

  /// A new directory in it.
  public Path subdirectory(String name) throws IOException {
    return Files.createDirectory(path.resolve(name));
  }

  @Override
  public void close() throws IOException {
    new SystemDisk().deleteTree(path);
  }
}
