package dev.henge.server.store;

import dev.henge.base.CheckedFile;
import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// The file `CLUSTER`: which cluster a node belongs to, as which member (FORMAT.md).
public final class ClusterFile {
  private static final int FORMAT_VERSION = 1;

  /// @param clusterId 32 hexadecimal digits
  /// @param member number
  /// @param incarnation of the last start
  public record Membership(String clusterId, long member, long incarnation) {
    /// At its next start.
    public Membership startedAgain() {
      return new Membership(clusterId, member, incarnation + 1);
    }
  }

  private final Path path;
  private final CheckedFile file;

  public ClusterFile(Disk disk, Path directory) {
    this.path = directory.resolve(DataDirectoryFiles.CLUSTER);
    this.file = new CheckedFile(disk, path, "henge-cluster", FORMAT_VERSION);
  }

  /// Empty for a node that belongs to none yet.
  public Optional<Membership> read() throws IOException {
    if (!file.exists()) {
      return Optional.empty();
    }
    String[] words = file.read().strip().split(" ", -1);
    try {
      if (words.length == 3 && words[0].matches("[0-9a-f]{32}")) {
        return Optional.of(
            new Membership(words[0], Long.parseLong(words[1]), Long.parseLong(words[2])));
      }
    } catch (NumberFormatException e) {
      throw new CorruptionException(path.toString(), 0, "no number: " + e.getMessage());
    }
    throw new CorruptionException(path.toString(), 0, "expected 'CLUSTER MEMBER INCARNATION'");
  }

  public void write(Membership membership) throws IOException {
    file.write(
        membership.clusterId() + " " + membership.member() + " " + membership.incarnation() + "\n");
  }
}
