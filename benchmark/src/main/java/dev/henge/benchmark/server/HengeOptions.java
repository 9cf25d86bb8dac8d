package dev.henge.benchmark.server;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where the `henge` command is.
public final class HengeOptions {
  @Option(names = "--henge", description = "The henge command. Default: the one of this checkout.")
  private @Nullable Path program;

  /// The command to start.
  public Path program() {
    if (program != null) {
      return program.toAbsolutePath();
    }
    String root = System.getProperty("henge.root");
    if (root != null) {
      return Path.of(root, "henge");
    }
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.isExecutable(directory.resolve("henge")) && directory.getParent() != null) {
      directory = directory.getParent();
    }
    return directory.resolve("henge");
  }
}
