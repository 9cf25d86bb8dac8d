package dev.henge.server.eventual;

import dev.henge.base.CheckedFile;
import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.replication.replica.ReplicaId;
import dev.henge.server.store.DataDirectoryFiles;
import java.io.IOException;
import java.nio.file.Path;

/// The file `eventual/REPLICA`: which generation of replica this node is, and whether it runs.
///
/// - Format: a [CheckedFile] of kind `henge-replica`, version 1; body: the generation, a space,
///   `running` or `stopped`, a line feed. A node that finds `running` did not stop cleanly.
/// - Threads: one at a time.
public final class ReplicaFile {
  private static final int FORMAT_VERSION = 1;
  private static final String NAME = "REPLICA";
  private static final String RUNNING = "running";
  private static final String STOPPED = "stopped";

  private final CheckedFile file;
  private final Path path;
  private final int generation;

  private ReplicaFile(Disk disk, Path root) throws IOException {
    Path directory = root.resolve(DataDirectoryFiles.EVENTUAL);
    disk.createDurably(root, directory);
    path = directory.resolve(NAME);
    file = new CheckedFile(disk, path, "henge-replica", FORMAT_VERSION);
    generation = file.exists() ? next(file.read().strip()) : 0;
    if (generation > ReplicaId.GENERATION_MAX) {
      throw new IOException(
          path
              + ": this node was stopped uncleanly too often: remove it from the cluster, and let"
              + " it join again with an empty directory");
    }
    write(RUNNING);
  }

  /// This start's generation, which is durable when this returns.
  ///
  /// @param root the node's data directory
  public static ReplicaFile begin(Disk disk, Path root) throws IOException {
    return new ReplicaFile(disk, root);
  }

  int generation() {
    return generation;
  }

  /// All that this node has made is durable, and it makes no more.
  void end() throws IOException {
    write(STOPPED);
  }

  private int next(String body) throws CorruptionException {
    String[] words = body.split(" ", -1);
    if (words.length == 2 && words[0].matches("[0-9]{1,5}")) {
      if (words[1].equals(STOPPED)) {
        return Integer.parseInt(words[0]);
      }
      if (words[1].equals(RUNNING)) {
        return Integer.parseInt(words[0]) + 1;
      }
    }
    throw new CorruptionException(path.toString(), 0, "expected 'GENERATION running|stopped'");
  }

  private void write(String state) throws IOException {
    file.write(generation + " " + state + "\n");
  }
}
