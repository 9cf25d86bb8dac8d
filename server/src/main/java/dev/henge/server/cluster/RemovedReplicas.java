package dev.henge.server.cluster;

import dev.henge.base.CheckedFile;
import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.server.store.DataDirectoryFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The file `REMOVED-GROUPS`: groups of which this node once had a replica that was removed.
///
/// Such a replica may have voted, and may have acknowledged what was committed; one that is made
/// later for the same group knows nothing of it, and must not be taken for one that does.
///
/// - Format: a [CheckedFile] of kind `henge-removed-groups`, version 1: ids of groups, ascending, a
///   line each.
/// - Bounds: groups that there ever were.
/// - Threads: one at a time.
final class RemovedReplicas {
  private static final int FORMAT_VERSION = 1;

  private final CheckedFile file;
  private final SortedSet<Long> groups = new TreeSet<>();

  /// @param directory the node's
  RemovedReplicas(Disk disk, Path directory) throws IOException {
    Path path = directory.resolve(DataDirectoryFiles.REMOVED_GROUPS);
    file = new CheckedFile(disk, path, "henge-removed-groups", FORMAT_VERSION);
    if (file.exists()) {
      for (String line : file.read().lines().toList()) {
        if (!line.matches("[0-9]{1,18}")) {
          throw new CorruptionException(path.toString(), 0, "expected ids of groups");
        }
        groups.add(Long.parseLong(line));
      }
    }
  }

  boolean contains(long group) {
    return groups.contains(group);
  }

  /// Notes it durably, before anything of the replica goes.
  void add(long group) throws IOException {
    if (groups.contains(group)) {
      return;
    }
    var more = new TreeSet<>(groups);
    more.add(group);
    file.write(more.stream().map(id -> id + "\n").collect(Collectors.joining()));
    groups.add(group);
  }
}
