package dev.henge.storage.lsm;

import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.base.FormatException;
import dev.henge.storage.lsm.log.LogCheck;
import dev.henge.storage.lsm.log.LogRecovery;
import dev.henge.storage.lsm.table.TableCheck;
import dev.henge.storage.lsm.table.TableProperties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Checks every file of one engine directory, and that they fit together, without opening the
/// engine. It changes nothing and finds all problems, not only the first.
///
/// - Manifest: sound; names each table once, below its next number.
/// - Tables: there, of the right size, sound in every block ([TableCheck]); those of a level from 1
///   on do not overlap; nothing in them is newer than the manifest says was flushed.
/// - Log: a chain without damage before its torn tail ([LogCheck]).
/// - Files that the engine would delete at its next opening are noted.
///
/// The engine's lock is held meanwhile where it can be had. Where a running engine has it, the
/// check is a best effort: files come and go beneath it, so a problem is only told when it stays
/// over [#ATTEMPTS] manifests.
///
/// - Threads: one. Errors: none but [IOException] of listing the directory.
public final class LsmChecker {
  private static final int ATTEMPTS = 3;
  private static final String LOCK = "LOCK";

  private final Disk disk;
  private final Path directory;
  private final CheckReport report;
  private final Set<Long> named = new HashSet<>();

  private LsmChecker(Disk disk, Path directory, CheckReport report) {
    this.disk = disk;
    this.directory = directory;
    this.report = report;
  }

  /// Whether `directory` looks like an engine's, sound or not.
  public static boolean isEngineDirectory(Disk disk, Path directory) throws IOException {
    if (!disk.exists(directory)) {
      return false;
    }
    return disk.exists(directory.resolve(Manifest.FILE_NAME))
        || disk.exists(Opening.logDirectory(directory))
        || disk.list(directory).stream().anyMatch(name -> TableFile.fileNumber(name) > 0);
  }

  /// Bytes that [#check] will report as done, about.
  public static long byteCount(Disk disk, Path directory) throws IOException {
    long bytes = 0;
    for (String name : disk.list(directory)) {
      if (TableFile.fileNumber(name) > 0) {
        bytes += disk.size(directory.resolve(name));
      }
    }
    Path log = Opening.logDirectory(directory);
    if (disk.exists(log)) {
      for (String name : disk.list(log)) {
        bytes += disk.size(log.resolve(name));
      }
    }
    return bytes;
  }

  /// Checks the engine in `directory` into `report`.
  public static void check(Disk disk, Path directory, CheckReport report) throws IOException {
    Path lockFile = directory.resolve(LOCK);
    AutoCloseable lock = null;
    if (disk.exists(lockFile)) {
      try {
        lock = disk.lock(lockFile);
      } catch (IOException inUse) {
        report.note(
            directory
                + ": could not be locked, so this check is a best effort: "
                + inUse.getMessage());
        live(disk, directory, report);
        return;
      }
    }
    try {
      new LsmChecker(disk, directory, report).run();
    } finally {
      release(lock);
    }
  }

  /// A running engine changes files meanwhile: what is wrong once, but not the next time, was a
  /// change.
  private static void live(Disk disk, Path directory, CheckReport report) throws IOException {
    for (int attempt = 1; ; attempt++) {
      var once = new CheckReport(attempt == 1 ? report::done : bytes -> {});
      try {
        new LsmChecker(disk, directory, once).run();
      } catch (IOException vanished) {
        once.problem(directory.toString(), 0, "files to be readable expected, found " + vanished);
      }
      if (once.problemCount() == 0 || attempt == ATTEMPTS) {
        once.problems().forEach(one -> report.problem(one.file(), one.offset(), one.what()));
        once.notes().forEach(report::note);
        report.add(once);
        return;
      }
    }
  }

  private void run() throws IOException {
    Manifest manifest = manifest();
    Path log = Opening.logDirectory(directory);
    if (manifest != null) {
      long flushed = manifest.flushedSequence();
      for (int level = 0; level < manifest.levels().size(); level++) {
        level(level, manifest.levels().get(level), manifest.nextFileNumber(), flushed);
      }
      log(log, manifest.oldestLogNumber());
    } else {
      // What can still be looked at without it.
      for (String name : disk.list(directory)) {
        long number = TableFile.fileNumber(name);
        if (number > 0) {
          named.add(number);
          table(number, -1, Long.MAX_VALUE);
        }
      }
      if (disk.exists(log) && LogRecovery.oldestSegment(disk, log) > 0) {
        log(log, LogRecovery.oldestSegment(disk, log));
      }
    }
    orphans();
  }

  private @Nullable Manifest manifest() throws IOException {
    Path path = directory.resolve(Manifest.FILE_NAME);
    if (!disk.exists(path)) {
      Path log = Opening.logDirectory(directory);
      boolean tables =
          disk.list(directory).stream().anyMatch(name -> TableFile.fileNumber(name) > 0);
      if (tables || (disk.exists(log) && LogRecovery.holdsOperations(disk, log))) {
        report.problem(
            path.toString(),
            0,
            "a manifest expected beside tables or a log with data, found no file");
      } else {
        report.note(directory + ": no engine was ever opened here");
      }
      return null;
    }
    try {
      return Manifest.read(disk, directory);
    } catch (CorruptionException damage) {
      report.problem(damage);
    } catch (FormatException newer) {
      report.problem(path.toString(), 8, String.valueOf(newer.getMessage()));
    } catch (IOException unreadable) {
      report.problem(path.toString(), 0, "a readable file expected, found " + unreadable);
    } catch (RuntimeException malformed) {
      report.problem(
          path.toString(),
          Manifest.HEADER_BYTES,
          "a well-formed body expected, found one that breaks off: " + malformed);
    }
    return null;
  }

  private void level(int level, List<Manifest.Entry> entries, long next, long flushed) {
    String manifest = directory.resolve(Manifest.FILE_NAME).toString();
    if (level >= LsmOptions.LEVELS && !entries.isEmpty()) {
      report.problem(
          manifest, Manifest.HEADER_BYTES, LsmOptions.LEVELS + " levels expected, found more");
    }
    List<Bounds> bounds = new ArrayList<>();
    for (Manifest.Entry entry : entries) {
      if (!named.add(entry.number())) {
        report.problem(
            manifest,
            Manifest.HEADER_BYTES,
            "each table once expected, found " + TableFile.fileName(entry.number()) + " again");
        continue;
      }
      if (entry.number() >= next) {
        report.problem(
            manifest,
            Manifest.HEADER_BYTES,
            "tables below number " + next + " expected, found " + entry.number());
      }
      TableProperties properties = table(entry.number(), entry.byteCount(), flushed);
      if (properties != null) {
        bounds.add(new Bounds(entry.number(), properties));
      }
    }
    if (level > 0) {
      refuseOverlaps(level, bounds);
    }
  }

  private record Bounds(long number, TableProperties properties) {}

  private void refuseOverlaps(int level, List<Bounds> bounds) {
    bounds.sort(
        Comparator.comparing((Bounds one) -> one.properties.smallest(), Arrays::compareUnsigned));
    for (int i = 1; i < bounds.size(); i++) {
      Bounds before = bounds.get(i - 1);
      Bounds one = bounds.get(i);
      if (Arrays.compareUnsigned(before.properties.end(), one.properties.smallest()) > 0) {
        report.problem(
            tablePath(one.number).toString(),
            0,
            "keys above those of "
                + TableFile.fileName(before.number)
                + " expected in level "
                + level
                + ", found an overlap");
      }
    }
  }

  /// @param byteCount below 0 when it is not known
  /// @return null when they cannot be read
  private @Nullable TableProperties table(long number, long byteCount, long flushed) {
    Path path = tablePath(number);
    if (!disk.exists(path)) {
      report.problem(path.toString(), 0, "a table named by the manifest expected, found no file");
      return null;
    }
    try (DiskFile file = disk.open(path, Disk.OpenMode.READ)) {
      long size = file.size();
      if (byteCount >= 0 && size != byteCount) {
        report.problem(path.toString(), size, byteCount + " bytes expected, found " + size);
      }
      TableCheck.Counts counts =
          TableCheck.check(path.toString(), file, number, report::problem, report::done);
      report.tableCount++;
      report.tableBytes += size;
      report.blockCount += counts.blockCount();
      report.entryCount += counts.entryCount();
      report.tombstoneCount += counts.tombstoneCount();
      TableProperties properties = counts.properties();
      if (properties != null && properties.largestSequence() > flushed) {
        report.problem(
            path.toString(),
            0,
            "sequences up to the flushed one, "
                + flushed
                + ", expected, found "
                + properties.largestSequence());
      }
      return properties;
    } catch (CorruptionException damage) {
      report.problem(damage);
    } catch (IOException unreadable) {
      report.problem(path.toString(), 0, "a readable file expected, found " + unreadable);
    }
    return null;
  }

  private void log(Path log, long oldestNumber) throws IOException {
    if (!disk.exists(log)) {
      report.problem(log.toString(), 0, "the log's directory expected, found none");
      return;
    }
    LogCheck.Counts counts =
        LogCheck.check(disk, log, oldestNumber, report::problem, report::note, report::done);
    report.segmentCount += counts.segmentCount();
    report.operationCount += counts.operationCount();
  }

  private void orphans() throws IOException {
    String log = Opening.logDirectory(directory).getFileName().toString();
    for (String name : disk.list(directory)) {
      long number = TableFile.fileNumber(name);
      if (number > 0) {
        if (!named.contains(number)) {
          report.note(
              directory.resolve(name) + ": not in the manifest; the next opening deletes it");
        }
      } else if (!name.equals(Manifest.FILE_NAME) && !name.equals(LOCK) && !name.equals(log)) {
        report.note(directory.resolve(name) + ": not a file of an engine in use");
      }
    }
  }

  private Path tablePath(long number) {
    return directory.resolve(TableFile.fileName(number));
  }

  private static void release(@Nullable AutoCloseable lock) throws IOException {
    if (lock == null) {
      return;
    }
    try {
      lock.close();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the directory's lock could not be given back", e);
    }
  }
}
