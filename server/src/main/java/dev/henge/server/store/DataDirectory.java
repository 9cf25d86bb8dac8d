package dev.henge.server.store;

import dev.henge.base.CheckedFile;
import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.base.Randomness;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// A node's directory: held by one process at a time, with an identity that it keeps for life.
///
/// - Shape: `LOCK`, `NODE` (the identity), `CLUSTER`, `METADATA`, `raft/`, and the engines'
///   directories (FORMAT.md).
/// - Lifetime: opened first and closed last; closing gives the lock back.
public final class DataDirectory implements AutoCloseable {
  /// Format version of the directory as a whole, in the header of `NODE`. A program that finds a
  /// newer one refuses the directory before it touches anything.
  ///
  /// 1 had the file `CATALOG` and knew no clusters; it is brought to 2 when it is opened.
  static final int FORMAT_VERSION = 2;

  private static final int OLDEST_VERSION = 1;

  private final Disk disk;
  private final Path path;
  private final String nodeId;
  private final AutoCloseable lock;

  private DataDirectory(Disk disk, Path path, String nodeId, AutoCloseable lock) {
    this.disk = disk;
    this.path = path;
    this.nodeId = nodeId;
    this.lock = lock;
  }

  /// Opens the directory, making it where it is missing.
  ///
  /// @throws IOException that says what to do: the directory is locked, cannot be written, is
  ///   damaged or of a newer format
  public static DataDirectory open(Disk disk, Path path, Randomness randomness) throws IOException {
    AutoCloseable lock = null;
    try {
      if (!disk.exists(path)) {
        disk.createDirectories(path);
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null) {
          disk.syncDirectory(parent);
        }
      }
      lock = disk.lock(path.resolve(DataDirectoryFiles.LOCK));
      var identity = identity(disk, path);
      if (!identity.exists()) {
        if (holdsData(disk, path)) {
          throw new CorruptionException(
              path.resolve(DataDirectoryFiles.NODE).toString(),
              0,
              "the file is missing, but data is there");
        }
        identity.write(newId(randomness) + "\n");
      }
      String nodeId = nodeId(identity, path);
      if (!disk.exists(path.resolve(DataDirectoryFiles.CLUSTER))) {
        // From here on an older program would miss what the metadata has.
        identity.write(nodeId + "\n");
      }
      return new DataDirectory(disk, path, nodeId, lock);
    } catch (AccessDeniedException e) {
      release(lock, e);
      throw new IOException("data directory " + path + " cannot be written: " + e, e);
    } catch (IOException | RuntimeException e) {
      release(lock, e);
      throw e;
    }
  }

  private static boolean holdsData(Disk disk, Path path) {
    return disk.exists(path.resolve(DataDirectoryFiles.DATABASES))
        || disk.exists(path.resolve(DataDirectoryFiles.METADATA))
        || disk.exists(path.resolve(DataDirectoryFiles.CLUSTER))
        || CatalogFile.exists(disk, path);
  }

  static CheckedFile identity(Disk disk, Path path) {
    return new CheckedFile(
        disk, path.resolve(DataDirectoryFiles.NODE), "henge-node", FORMAT_VERSION, OLDEST_VERSION);
  }

  /// 32 hexadecimal digits, drawn when the directory was made.
  public String nodeId() {
    return nodeId;
  }

  public Path path() {
    return path;
  }

  Disk disk() {
    return disk;
  }

  @Override
  public void close() throws IOException {
    try {
      lock.close();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("lock of " + path + " not given back", e);
    }
  }

  static String nodeId(CheckedFile identity, Path path) throws IOException {
    String id = identity.read().strip();
    if (!id.matches("[0-9a-f]{32}")) {
      throw new CorruptionException(
          path.resolve(DataDirectoryFiles.NODE).toString(), 0, "expected 32 hexadecimal digits");
    }
    return id;
  }

  private static String newId(Randomness randomness) {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(randomness.nextLong()) + hex.toHexDigits(randomness.nextLong());
  }

  private static void release(@Nullable AutoCloseable lock, Exception cause) {
    if (lock == null) {
      return;
    }
    try {
      lock.close();
    } catch (Exception e) {
      cause.addSuppressed(e);
    }
  }
}
