package dev.henge.server.cluster;

import dev.henge.base.CheckedFile;
import dev.henge.base.Clock;
import dev.henge.base.Disk;
import dev.henge.base.Randomness;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.MetadataCommand;
import dev.henge.consensus.metadata.MetadataRules;
import dev.henge.consensus.metadata.MetadataStateMachine;
import dev.henge.consensus.metadata.NodeDescription;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.server.store.CatalogFile;
import dev.henge.server.store.ClusterFile;
import dev.henge.server.store.DataDirectory;
import dev.henge.server.store.DataDirectoryFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/// Makes a cluster of one out of a data directory: a new one, or one of a version that knew no
/// clusters, whose catalog becomes metadata.
///
/// - Crash: the file `CLUSTER` comes last; before it is there, everything is done again.
final class Founding {
  /// The founder's number. Persisted: never renumber.
  static final long FOUNDER = 1;

  private Founding() {}

  static ClusterFile.Membership found(
      Disk disk,
      DataDirectory directory,
      ClusterFile file,
      NodeDescription founder,
      Clock clock,
      Randomness randomness)
      throws IOException {
    CatalogFile.Content catalog = CatalogFile.read(disk, directory.path());
    var hex = HexFormat.of();
    String clusterId =
        hex.toHexDigits(randomness.nextLong()) + hex.toHexDigits(randomness.nextLong());
    Metadata metadata =
        MetadataRules.apply(
                Metadata.EMPTY,
                new MetadataCommand.FoundCluster(
                    clusterId, founder, catalog.keyspaces(), catalog.nextId()))
            .metadata();
    MetadataStateMachine.write(
        disk, metadata(directory.path()), mark(), clock.wallMillis(), metadata);
    var membership = new ClusterFile.Membership(clusterId, FOUNDER, 0);
    file.write(membership);
    return membership;
  }

  /// Where the log of the founder's metadata group begins: the founding is its first entry.
  static SnapshotMark mark() {
    return new SnapshotMark(1, 1, Configuration.ofVoters(List.of(FOUNDER)));
  }

  /// The file with the last copy of the metadata; a [CheckedFile].
  static Path metadata(Path directory) {
    return directory.resolve(DataDirectoryFiles.METADATA);
  }
}
