package dev.henge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.system.SystemDisk;
import dev.henge.cli.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `--fresh` deletes a node's data and nothing else.
final class DataRemovalTest {
  @TempDir private Path directory;

  @Test
  void aDataDirectoryIsEmptied() throws IOException {
    makeData();
    Files.writeString(directory.resolve("CATALOG.temporary"), "cut short");
    DataRemoval.remove(directory);
    assertEquals(List.of("LOCK"), names());
    DataRemoval.remove(directory);
    DataRemoval.remove(directory.resolve("missing"));
  }

  @Test
  void aDirectoryWithAnythingElseIsLeftAlone() throws IOException {
    makeData();
    Files.writeString(directory.resolve("thesis.txt"), "the only copy");
    UserError refused = assertThrows(UserError.class, () -> DataRemoval.remove(directory));
    assertTrue(String.valueOf(refused.getMessage()).contains("thesis.txt"), refused.toString());
    assertEquals(List.of("CATALOG", "LOCK", "NODE", "databases", "thesis.txt"), names());
  }

  @Test
  void aDirectoryWithoutAnIdentityIsLeftAlone() throws IOException {
    Files.createDirectory(directory.resolve("databases"));
    assertThrows(UserError.class, () -> DataRemoval.remove(directory));
    assertEquals(List.of("databases"), names());
  }

  @Test
  void aDirectoryInUseIsLeftAlone() throws Exception {
    makeData();
    try (AutoCloseable lock = new SystemDisk().lock(directory.resolve("LOCK"))) {
      IOException refused = assertThrows(IOException.class, () -> DataRemoval.remove(directory));
      assertTrue(String.valueOf(refused.getMessage()).contains("is locked"), refused.toString());
      assertTrue(lock != null);
    }
    assertEquals(List.of("CATALOG", "LOCK", "NODE", "databases"), names());
  }

  private void makeData() throws IOException {
    Files.createDirectory(directory.resolve("databases"));
    for (String name : List.of("LOCK", "NODE", "CATALOG", "databases/table")) {
      Files.writeString(directory.resolve(name), name);
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
