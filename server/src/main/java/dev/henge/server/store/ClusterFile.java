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
  private static final String REMOVED = "removed";

  /// @param clusterId 32 hexadecimal digits
  /// @param member number
  /// @param incarnation of the last start
  /// @param removed whether the cluster has refused this node for good
  public record Membership(String clusterId, long member, long incarnation, boolean removed) {
    /// A member that was not removed.
    public Membership(String clusterId, long member, long incarnation) {
      this(clusterId, member, incarnation, false);
    }

    /// At its next start.
    public Membership startedAgain() {
      return new Membership(clusterId, member, incarnation + 1, removed);
    }

    /// From its removal on.
    public Membership ended() {
      return new Membership(clusterId, member, incarnation, true);
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
      boolean removed = words.length == 4 && words[3].equals(REMOVED);
      if ((words.length == 3 || removed) && words[0].matches("[0-9a-f]{32}")) {
        return Optional.of(
            new Membership(words[0], Long.parseLong(words[1]), Long.parseLong(words[2]), removed));
      }
    } catch (NumberFormatException e) {
      throw new CorruptionException(path.toString(), 0, "no number: " + e.getMessage());
    }
    throw new CorruptionException(path.toString(), 0, "expected 'CLUSTER MEMBER INCARNATION'");
  }

  public void write(Membership membership) throws IOException {
    file.write(
        membership.clusterId()
            + " "
            + membership.member()
            + " "
            + membership.incarnation()
            + (membership.removed() ? " " + REMOVED : "")
            + "\n");
  }
}
