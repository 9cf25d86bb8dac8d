package dev.henge.base;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Path;
import java.util.List;

/// A file system, as far as a storage engine needs one.
///
/// - Durability: what a file holds survives a power loss after [DiskFile#sync]; that it exists
///   under its name, after [#syncDirectory] of its directory. Nothing else is promised: unsynced
///   writes may be lost, torn and reordered, unsynced renames and deletions undone.
/// - Errors: [DiskFullException] when space is out; any other [IOException] as the system gave it.
/// - Threads: safe from any thread.
public interface Disk {
  /// How a file is opened.
  enum OpenMode {
    /// Read only; the file must exist.
    READ,
    /// Read and write; the file must exist.
    WRITE,
    /// Read and write; the file must not exist yet.
    CREATE
  }

  DiskFile open(Path path, OpenMode mode) throws IOException;

  boolean exists(Path path);

  /// Bytes in the file.
  long size(Path path) throws IOException;

  /// Names (not paths) of the files and directories in `directory`, sorted.
  List<String> list(Path directory) throws IOException;

  /// Makes `directory` and what is missing above it; no effect where it is there.
  void createDirectories(Path directory) throws IOException;

  /// Replaces `to` where it exists; atomic for readers and over a crash.
  void rename(Path from, Path to) throws IOException;

  /// A second name for the same file content (hard link).
  void link(Path existing, Path link) throws IOException;

  /// Removes a file, or a directory that is empty.
  ///
  /// @throws DirectoryNotEmptyException where a directory holds anything
  void delete(Path path) throws IOException;

  /// Removes a file, or a directory and all in it, what it holds first. It is not made durable in
  /// the directory above, and a removal that fails has removed a part.
  default void deleteTree(Path path) throws IOException {
    try {
      delete(path);
    } catch (DirectoryNotEmptyException holdsMore) {
      for (String name : list(path)) {
        deleteTree(path.resolve(name));
      }
      delete(path);
    }
  }

  /// Makes creations, renames and deletions in `directory` durable.
  void syncDirectory(Path directory) throws IOException;

  /// Makes `directory`, which lies below `root`, and every one between them, so that a power loss
  /// leaves them there.
  default void createDurably(Path root, Path directory) throws IOException {
    if (exists(directory)) {
      return;
    }
    createDirectories(directory);
    Path parent = root;
    syncDirectory(parent);
    for (Path part : root.relativize(directory)) {
      parent = parent.resolve(part);
      syncDirectory(parent);
    }
  }

  /// Bytes that can still be written on the file system that holds `path`.
  long usableBytes(Path path) throws IOException;

  /// Takes the exclusive lock that `path` (made when missing) stands for. A lock dies with its
  /// process.
  ///
  /// @throws IOException that names `path` when another process, or this one, holds it
  AutoCloseable lock(Path path) throws IOException;
}
