package dev.henge.server.store;

import dev.henge.base.CheckedFile;
import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.data.DatabaseIds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The file `CATALOG`, in which nodes that knew no clusters kept their named keyspaces (FORMAT.md).
/// It is read once, when such a directory becomes a cluster of one, and removed then.
public final class CatalogFile {
  /// Persisted. A program that knows less refuses the file.
  private static final int FORMAT_VERSION = 1;

  private static final String NAME = "CATALOG";

  /// @param nextId above every id that a keyspace ever had
  public record Content(int nextId, List<DeclaredKeyspace> keyspaces) {}

  private CatalogFile() {}

  /// What the file in `directory` says; without the file, that there are no named keyspaces.
  public static Content read(Disk disk, Path directory) throws IOException {
    Path path = directory.resolve(NAME);
    var file = new CheckedFile(disk, path, "henge-catalog", FORMAT_VERSION);
    Content content = new Content(DatabaseIds.FIRST_NAMED, List.of());
    if (file.exists()) {
      var format = new DeclarationFormat();
      try {
        content = parse(JsonMapper.shared().readTree(file.read()), format, path);
      } catch (JacksonException | DeclarationFormat.DeclarationException e) {
        throw damaged(path, String.valueOf(e.getMessage()));
      }
    }
    int nextId = Math.max(content.nextId(), afterDirectories(disk, directory));
    return new Content(nextId, content.keyspaces());
  }

  /// Whether there is one.
  static boolean exists(Disk disk, Path directory) {
    return disk.exists(directory.resolve(NAME));
  }

  /// The metadata has what the file had.
  public static void remove(Disk disk, Path directory) throws IOException {
    if (exists(disk, directory)) {
      disk.delete(directory.resolve(NAME));
      disk.syncDirectory(directory);
    }
  }

  private static Content parse(JsonNode root, DeclarationFormat format, Path path)
      throws IOException, DeclarationFormat.DeclarationException {
    int nextId = root.path("nextId").asInt(-1);
    var keyspaces = new ArrayList<DeclaredKeyspace>();
    var ids = new HashSet<Integer>();
    for (JsonNode node : root.path("keyspaces")) {
      int id = node.path("id").asInt(-1);
      String name = node.path("name").asString("");
      if (name.isEmpty() || id < DatabaseIds.FIRST_NAMED || id >= nextId || !ids.add(id)) {
        throw damaged(path, "keyspace '" + name + "' with id " + id + ", next id " + nextId);
      }
      ObjectNode declaration = ((ObjectNode) node).deepCopy();
      declaration.remove(List.of("id", "name"));
      keyspaces.add(new DeclaredKeyspace(name, id, format.read(declaration)));
    }
    if (nextId < DatabaseIds.FIRST_NAMED) {
      throw damaged(path, "next id " + nextId);
    }
    return new Content(nextId, List.copyOf(keyspaces));
  }

  /// Above every id that a directory has, also one that a crash left unnamed.
  private static int afterDirectories(Disk disk, Path directory) throws IOException {
    Path keyspaces = directory.resolve(DataDirectoryFiles.KEYSPACES);
    int after = DatabaseIds.FIRST_NAMED;
    if (disk.exists(keyspaces)) {
      for (String name : disk.list(keyspaces)) {
        if (!name.matches("[0-9]{1,9}")) {
          throw new CorruptionException(
              keyspaces.resolve(name).toString(), 0, "expected a directory named by a number");
        }
        after = Math.max(after, Integer.parseInt(name) + 1);
      }
    }
    return after;
  }

  private static CorruptionException damaged(Path path, String found) {
    return new CorruptionException(path.toString(), 0, "no sound catalog: " + found);
  }
}
