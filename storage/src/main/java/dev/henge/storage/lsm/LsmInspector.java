package dev.henge.storage.lsm;

import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.storage.Access;
import dev.henge.storage.EngineException;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.lsm.inspect.Dump;
import dev.henge.storage.lsm.inspect.DumpOptions;
import dev.henge.storage.lsm.log.LogCheck;
import dev.henge.storage.lsm.log.LogDump;
import dev.henge.storage.lsm.table.BlockCache;
import dev.henge.storage.lsm.table.InternalCursor;
import dev.henge.storage.lsm.table.RangeTombstones;
import dev.henge.storage.lsm.table.TableDump;
import dev.henge.storage.lsm.table.TableProperties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/// Shows what the files of an engine hold, without opening it: reads only, takes no lock, goes on
/// behind damage.
///
/// - Errors: [IOException] when a file cannot be read at all; damage is printed where it is.
/// - Threads: one.
public final class LsmInspector {
  private final Disk disk;
  private final Dump dump;

  public LsmInspector(Disk disk, Appendable out, DumpOptions options) {
    this.disk = disk;
    this.dump = new Dump(out, options);
  }

  /// Prints a log segment: frames and their operations.
  public void wal(Path file) throws IOException {
    LogDump.print(disk, file, dump);
  }

  /// Prints a table: blocks and their entries, filter, range tombstones, properties, index, footer.
  public void sst(Path file) throws IOException {
    try (DiskFile opened = disk.open(file, Disk.OpenMode.READ)) {
      TableDump.print(file.toString(), opened, TableFile.fileNumber(name(file)), dump);
    }
  }

  /// Prints a manifest, and the bounds of each table that is found beside it.
  ///
  /// @param place the file, or its directory
  public void manifest(Path place) throws IOException {
    boolean isDirectory = disk.exists(place.resolve(Manifest.FILE_NAME));
    Path file = isDirectory ? place.resolve(Manifest.FILE_NAME) : place;
    ManifestDump.print(disk, file, dump);
    if (!isDirectory) {
      return;
    }
    Manifest manifest;
    try {
      manifest = Manifest.read(disk, place);
    } catch (CorruptionException damage) {
      return; // already printed
    }
    var cache = new BlockCache(0);
    for (int level = 0; level < manifest.levels().size(); level++) {
      for (Manifest.Entry entry : manifest.levels().get(level)) {
        table(place, level, entry, cache);
      }
    }
  }

  private void table(Path directory, int level, Manifest.Entry entry, BlockCache cache)
      throws IOException {
    String head = "level " + level + " " + TableFile.fileName(entry.number()) + ": ";
    TableFile file;
    try {
      file = TableFile.open(disk, directory, entry.number(), cache);
    } catch (IOException damage) {
      dump.title(head + "DAMAGED: " + damage.getMessage());
      return;
    }
    file.retain();
    TableProperties properties = file.properties;
    dump.title(
        head
            + file.byteCount
            + " bytes, "
            + properties.putCount()
            + " puts, "
            + properties.deleteCount()
            + " deletions, sequences "
            + properties.smallestSequence()
            + " to "
            + properties.largestSequence()
            + ", keys "
            + dump.text(properties.smallest())
            + " to "
            + dump.text(properties.end()));
    file.release();
  }

  /// One version of a key, or a deletion of it.
  ///
  /// @param value empty for deletions
  /// @param source file, and level or offset in it
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Version(long sequence, Kind kind, byte[] value, String source) {
    /// What happened to the key.
    public enum Kind {
      PUT,
      DELETE,
      DELETE_RANGE
    }
  }

  /// Everything that tables and log of the engine in `directory` say of `key`, newest first. A
  /// version can be found twice, in a table and in a part of the log that is not yet reused.
  ///
  /// @param damage told of each table that could not be read
  public List<Version> versions(Path directory, byte[] key, Consumer<IOException> damage)
      throws IOException {
    var found = new ArrayList<Version>();
    Manifest manifest = Manifest.read(disk, directory);
    var cache = new BlockCache(0);
    for (int level = 0; level < manifest.levels().size(); level++) {
      for (Manifest.Entry entry : manifest.levels().get(level)) {
        try {
          inTable(directory, level, entry, key, cache, found);
        } catch (IOException e) {
          damage.accept(e);
        } catch (EngineException e) {
          damage.accept(e.getCause() == null ? new IOException(e) : e.getCause());
        }
      }
    }
    LogCheck.operations(
        disk,
        Opening.logDirectory(directory),
        manifest.oldestLogNumber(),
        (sequence, kind, first, second, file, offset) -> {
          String source = file + " at offset " + offset;
          if (kind == WriteBatch.DELETE_RANGE) {
            if (Arrays.compareUnsigned(first, key) <= 0
                && Arrays.compareUnsigned(key, second) < 0) {
              found.add(new Version(sequence, Version.Kind.DELETE_RANGE, new byte[0], source));
            }
          } else if (Arrays.equals(first, key)) {
            Version.Kind what = kind == WriteBatch.PUT ? Version.Kind.PUT : Version.Kind.DELETE;
            found.add(new Version(sequence, what, second, source));
          }
        });
    found.sort(Comparator.comparingLong(Version::sequence).reversed());
    return found;
  }

  private void inTable(
      Path directory,
      int level,
      Manifest.Entry entry,
      byte[] key,
      BlockCache cache,
      List<Version> found)
      throws IOException {
    TableFile file = TableFile.open(disk, directory, entry.number(), cache);
    file.retain();
    try (InternalCursor cursor = file.table.cursor(Access.DISK)) {
      String source = file.path() + " in level " + level;
      for (cursor.seek(key, key.length, InternalCursor.TRAILER_MAX);
          cursor.valid() && Arrays.equals(cursor.key, 0, cursor.keyLength, key, 0, key.length);
          cursor.next()) {
        boolean put = InternalCursor.isPut(cursor.trailer);
        found.add(
            new Version(
                InternalCursor.sequence(cursor.trailer),
                put ? Version.Kind.PUT : Version.Kind.DELETE,
                cursor.copyValue(),
                source));
      }
      for (RangeTombstones.Tombstone one : file.table.tombstones().list()) {
        if (Arrays.compareUnsigned(one.start(), key) <= 0
            && Arrays.compareUnsigned(key, one.end()) < 0) {
          found.add(new Version(one.sequence(), Version.Kind.DELETE_RANGE, new byte[0], source));
        }
      }
    } finally {
      file.release();
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }
}
