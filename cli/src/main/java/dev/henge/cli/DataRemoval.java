package dev.henge.cli;

import dev.henge.base.system.SystemDisk;
import dev.henge.cli.terminal.UserError;
import dev.henge.server.store.DataDirectoryFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Empties a data directory for `--fresh`, and nothing that is not one.
final class DataRemoval {
  /// Its file says that a directory is a node's.
  private static final String MARK = DataDirectoryFiles.NODE;

  private static final String LOCK = DataDirectoryFiles.LOCK;

  private DataRemoval() {}

  /// Deletes the content of `directory`, which may be missing or empty.
  ///
  /// @throws UserError where it holds anything else than a node's data; nothing is deleted then
  /// @throws IOException where a process has it open, or the system refuses
  static void remove(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> entries;
    try (Stream<Path> listed = Files.list(directory)) {
      entries = listed.filter(entry -> !entry.endsWith(LOCK)).sorted().toList();
    }
    if (entries.isEmpty()) {
      return;
    }
    for (Path entry : entries) {
      if (!DataDirectoryFiles.isKnown(entry.getFileName().toString())) {
        throw UserError.failed(
            "--fresh deletes only Henge's data, and "
                + entry
                + " is not; delete it yourself, or"
                + " name another directory with --data");
      }
    }
    if (!Files.exists(directory.resolve(MARK))) {
      throw UserError.failed(
          "--fresh deletes only Henge's data, and "
              + directory
              + " has no file "
              + MARK
              + "; delete it yourself, or name another directory with --data");
    }
    SystemDisk disk = new SystemDisk();
    try (AutoCloseable lock = disk.lock(directory.resolve(LOCK))) {
      // The mark goes last: a removal that is cut short can be repeated.
      for (Path entry : entries) {
        if (!entry.endsWith(MARK)) {
          disk.deleteTree(entry);
        }
      }
      Files.delete(directory.resolve(MARK));
      disk.syncDirectory(directory);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the lock of " + directory + " was not given back", e);
    }
  }
}
