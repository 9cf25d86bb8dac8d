package dev.henge.server.store;

import dev.henge.base.CheckedFile;
import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.consensus.log.LogStore;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.MetadataStateMachine;
import dev.henge.storage.lsm.CheckReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Looks into a node's data directory without opening it, for tools: reads only, takes no lock.
///
/// - Threads: stateless.
public final class DataDirectoryFiles {
  /// The file that processes lock.
  public static final String LOCK = "LOCK";

  /// The file with the node's identity: a directory without it is none of ours.
  public static final String NODE = "NODE";

  /// The file that says which cluster the node belongs to.
  public static final String CLUSTER = "CLUSTER";

  /// The file with the last copy of the metadata.
  public static final String METADATA = "METADATA";

  /// The engine of databases 0-15, while they are a local group.
  public static final String DATABASES = "databases";

  /// What replicated groups have, a directory each, named by the group's number.
  public static final String GROUPS = "groups";

  /// This node's copies of eventual keyspaces, an engine each, named by the keyspace's number.
  public static final String EVENTUAL = "eventual";

  /// Groups of which a replica was here once.
  public static final String REMOVED_GROUPS = "REMOVED-GROUPS";

  static final String CATALOG = "CATALOG";
  static final String KEYSPACES = "keyspaces";
  private static final Set<String> KNOWN =
      Set.of(
          LOCK,
          NODE,
          CATALOG,
          CLUSTER,
          METADATA,
          LogStore.DIRECTORY,
          DATABASES,
          KEYSPACES,
          GROUPS,
          EVENTUAL,
          REMOVED_GROUPS);

  private DataDirectoryFiles() {}

  /// Whether a node makes entries of this name in its directory. Files are replaced by way of a
  /// temporary name, which a crash can leave behind.
  public static boolean isKnown(String name) {
    return KNOWN.contains(
        name.endsWith(CheckedFile.TEMPORARY)
            ? name.substring(0, name.length() - CheckedFile.TEMPORARY.length())
            : name);
  }

  /// An engine of the node.
  ///
  /// @param keyspace its name; `databases` for the engine of databases 0-15
  /// @param keyspaceId in its keys; -1 for that of the databases, which has several
  public record EngineFiles(String keyspace, int keyspaceId, Path directory) {}

  /// Whether `path` is a node's data directory, sound or not.
  public static boolean isDataDirectory(Disk disk, Path path) {
    return disk.exists(path.resolve(NODE)) || disk.exists(path.resolve(DATABASES));
  }

  /// Checks what is beside the engines, and names them: those of the catalog, or where that is
  /// damaged, those that there are directories of.
  public static List<EngineFiles> check(Disk disk, Path path, CheckReport report)
      throws IOException {
    node(disk, path, report);
    var engines = new ArrayList<EngineFiles>();
    Path databases = path.resolve(DATABASES);
    if (disk.exists(databases)) {
      engines.add(new EngineFiles(DATABASES, -1, databases));
    }
    boolean sound = true;
    var named = new HashSet<String>();
    try {
      for (DeclaredKeyspace keyspace : keyspaces(disk, path)) {
        String id = Integer.toString(keyspace.id());
        named.add(id);
        Path directory = path.resolve(KEYSPACES).resolve(id);
        if (disk.exists(directory)) {
          engines.add(new EngineFiles(keyspace.name(), keyspace.id(), directory));
        } else if (mustBeHere(disk, path, keyspace)) {
          report.problem(
              directory.toString(),
              0,
              "the engine of keyspace " + keyspace.name() + " expected, found no directory");
        }
      }
    } catch (IOException e) {
      sound = false;
      problem(disk.exists(path.resolve(METADATA)) ? path.resolve(METADATA) : path, e, report);
    }
    directories(disk, path, named, sound, engines, report);
    groups(disk, path, engines);
    if (engines.isEmpty()) {
      report.note(path + ": no engine; the node was never opened to the end, or holds no group");
    }
    for (String name : disk.list(path)) {
      if (!KNOWN.contains(name)) {
        report.note(path.resolve(name) + ": not a file of a node in use");
      }
    }
    return engines;
  }

  /// Whether this node alone holds a keyspace, and so has its engine where it began.
  private static boolean mustBeHere(Disk disk, Path path, DeclaredKeyspace keyspace)
      throws IOException {
    if (!disk.exists(path.resolve(METADATA))) {
      return true;
    }
    Optional<ClusterFile.Membership> membership = new ClusterFile(disk, path).read();
    return membership.isPresent()
        && MetadataStateMachine.read(disk, path.resolve(METADATA)).dataGroups().stream()
            .anyMatch(group ->
                group.keyspace() == keyspace.id()
                    && group.form() == GroupRecord.Form.LOCAL
                    && group.owner() == membership.get().member());
  }

  /// As the metadata has them, or the catalog of a directory that knew no clusters.
  private static List<DeclaredKeyspace> keyspaces(Disk disk, Path path) throws IOException {
    return disk.exists(path.resolve(METADATA))
        ? List.copyOf(MetadataStateMachine.read(disk, path.resolve(METADATA)).keyspaces().values())
        : CatalogFile.read(disk, path).keyspaces();
  }

  /// Engines of replicated groups that were never local ones.
  private static void groups(Disk disk, Path path, List<EngineFiles> engines) throws IOException {
    Path groups = path.resolve(GROUPS);
    if (!disk.exists(groups)) {
      return;
    }
    for (String group : disk.list(groups)) {
      for (String name : disk.list(groups.resolve(group))) {
        if (name.startsWith("engine-")) {
          engines.add(new EngineFiles("group " + group, -1, groups.resolve(group).resolve(name)));
        }
      }
    }
  }

  private static void node(Disk disk, Path path, CheckReport report) {
    Path file = path.resolve(NODE);
    if (!disk.exists(file)) {
      report.problem(file.toString(), 0, "the node's identity expected, found no file");
      return;
    }
    try {
      DataDirectory.nodeId(DataDirectory.identity(disk, path), path);
    } catch (IOException e) {
      problem(file, e, report);
    }
  }

  private static void directories(
      Disk disk,
      Path path,
      Set<String> named,
      boolean sound,
      List<EngineFiles> engines,
      CheckReport report)
      throws IOException {
    Path keyspaces = path.resolve(KEYSPACES);
    if (!disk.exists(keyspaces)) {
      return;
    }
    for (String name : disk.list(keyspaces)) {
      Path directory = keyspaces.resolve(name);
      if (!name.matches("[0-9]{1,9}")) {
        report.problem(
            directory.toString(), 0, "a directory named by a number expected, found another name");
      } else if (!sound) {
        engines.add(new EngineFiles("keyspace " + name, Integer.parseInt(name), directory));
      } else if (!named.contains(name)) {
        report.note(
            directory
                + ": not in the catalog; left when making a keyspace failed. It holds nothing that"
                + " was ever acknowledged: delete it while the node is stopped");
      }
    }
  }

  private static void problem(Path file, IOException e, CheckReport report) {
    if (e instanceof CorruptionException damage) {
      report.problem(damage);
    } else {
      report.problem(file.toString(), 0, String.valueOf(e.getMessage()));
    }
  }
}
