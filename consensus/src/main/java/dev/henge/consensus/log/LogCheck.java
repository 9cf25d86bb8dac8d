package dev.henge.consensus.log;

import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.function.Consumer;

/// Checks a log without opening it: reads every frame that counts, changes nothing, takes no lock.
///
/// - Threads: stateless.
public final class LogCheck {
  private LogCheck() {}

  /// What a log holds.
  ///
  /// @param groupCount groups that have a log
  /// @param frameCount frames in the segments that are needed
  /// @param entryCount entries in those frames, also those that are cut or compacted
  public record Summary(int segmentCount, int groupCount, long frameCount, long entryCount) {}

  /// Whether segments of a log are in `directory`.
  public static boolean isLogDirectory(Disk disk, Path directory) throws IOException {
    for (String name : disk.list(directory)) {
      if (LogLayout.fileNumber(name) > 0) {
        return true;
      }
    }
    return false;
  }

  /// @param problem told of each damage, in order
  /// @param note told of what is worth knowing but not wrong
  /// @throws dev.henge.base.FormatException for files of a newer version
  public static Summary check(
      Disk disk, Path directory, Consumer<CorruptionException> problem, Consumer<String> note)
      throws IOException {
    var segments = new HashSet<Long>();
    var counts = new long[2];
    LogRecovery found =
        LogRecovery.read(
            disk,
            directory,
            (scan, offset) -> {
              segments.add(scan.number);
              counts[0]++;
              if (scan.kind == LogLayout.ENTRIES || scan.kind == LogLayout.REWRITE) {
                counts[1] += scan.count;
              }
            });
    found.damage.forEach(problem);
    if (found.last > 0 && !found.closed) {
      note.accept(directory + ": the log was not closed: in use, or left by a crash");
    }
    for (RecoveredGroup group : found.groups.values()) {
      if (group.log.recovering) {
        note.accept(
            directory
                + ": group "
                + group.id
                + " has to recover from its peers: it grants no vote until it holds what they"
                + " have committed");
      }
    }
    return new Summary(segments.size(), found.groups.size(), counts[0], counts[1]);
  }
}
