package dev.henge.storage.lsm;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.storage.lsm.table.BlockCache;
import dev.henge.storage.lsm.table.Table;
import dev.henge.storage.lsm.table.TableProperties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/// A table of the engine: its file, its bounds, and who still needs it.
///
/// - Lifetime: counted; versions hold it. When the last one lets go the file is closed, and deleted
///   if it was made obsolete.
/// - Threads: any.
final class TableFile {
  static final String SUFFIX = ".sst";

  final long number;
  final long byteCount;
  final Table table;
  final TableProperties properties;
  private final Disk disk;
  private final Path path;
  private final AtomicInteger references = new AtomicInteger();
  private volatile boolean obsolete;

  private TableFile(Disk disk, Path path, long number, long byteCount, Table table) {
    this.disk = disk;
    this.path = path;
    this.number = number;
    this.byteCount = byteCount;
    this.table = table;
    this.properties = table.properties();
  }

  static TableFile open(Disk disk, Path directory, long number, BlockCache cache)
      throws IOException {
    Path path = directory.resolve(fileName(number));
    DiskFile file = disk.open(path, Disk.OpenMode.READ);
    boolean opened = false;
    try {
      Table table = Table.open(path.toString(), file, number, cache);
      opened = true;
      return new TableFile(disk, path, number, file.size(), table);
    } finally {
      if (!opened) {
        file.close();
      }
    }
  }

  static String fileName(long number) {
    return String.format("%012d%s", number, SUFFIX);
  }

  /// The number in a table's file name; -1 when it is not one.
  static long fileNumber(String name) {
    if (!name.endsWith(SUFFIX)) {
      return -1;
    }
    try {
      return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
    } catch (NumberFormatException other) {
      return -1;
    }
  }

  Path path() {
    return path;
  }

  byte[] smallest() {
    return properties.smallest();
  }

  /// Exclusive.
  byte[] end() {
    return properties.end();
  }

  boolean mayHold(byte[] key) {
    return Arrays.compareUnsigned(properties.smallest(), key) <= 0
        && Arrays.compareUnsigned(key, properties.end()) < 0;
  }

  /// Whether its bounds meet `[start, end)`.
  boolean overlaps(byte[] start, byte[] end) {
    return Arrays.compareUnsigned(properties.smallest(), end) < 0
        && Arrays.compareUnsigned(start, properties.end()) < 0;
  }

  void retain() {
    references.incrementAndGet();
  }

  void release() {
    if (references.decrementAndGet() == 0) {
      try {
        table.close();
        if (obsolete) {
          disk.delete(path);
        }
      } catch (IOException leftForRecovery) {
        // A file that stays is not in the manifest; the next opening deletes it.
      }
    }
  }

  /// No later version has it: the file goes with its last user.
  void markObsolete() {
    obsolete = true;
  }
}
