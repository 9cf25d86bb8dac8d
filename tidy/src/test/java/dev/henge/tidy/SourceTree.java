package dev.henge.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// The checked-out repository, without what builds and tools leave in it.
final class SourceTree {
  private static final Set<String> NOT_SOURCES = Set.of("target", ".git", ".idea", ".vscode");

  private SourceTree() {}

  /// The directory that holds `.mvn`, from wherever the test was started.
  static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(directory.resolve(".mvn"))) {
      Path parent = directory.getParent();
      if (parent == null) {
        throw new IllegalStateException(
            "no directory above " + Path.of("").toAbsolutePath() + " holds .mvn");
      }
      directory = parent;
    }
    return directory;
  }

  /// Files whose name ends in one of `endings`, sorted.
  static List<Path> files(String... endings) {
    try (Stream<Path> paths = walk(root())) {
      return paths
          .filter(path -> Stream.of(endings).anyMatch(path.getFileName().toString()::endsWith))
          .sorted()
          .toList();
    }
  }

  /// The path as a person names it: from the root, with `/`.
  static String name(Path file) {
    return root().relativize(file).toString().replace('\\', '/');
  }

  static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(name(file), e);
    }
  }

  private static Stream<Path> walk(Path directory) {
    List<Path> children;
    try (Stream<Path> listed = Files.list(directory)) {
      children = listed.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return children.stream()
        .filter(child -> !NOT_SOURCES.contains(child.getFileName().toString()))
        .flatMap(child -> Files.isDirectory(child) ? walk(child) : Stream.of(child));
  }
}
