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
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Named keyspaces and the next id, as `CATALOG` has them (FORMAT.md).
final class CatalogFile {
  /// Persisted. A program that knows less refuses the file.
  static final int FORMAT_VERSION = 1;

  /// @param nextId above every id that a keyspace ever had
  record Content(int nextId, List<DeclaredKeyspace> keyspaces) {}

  private final Path path;
  private final CheckedFile file;
  private final DeclarationFormat format;

  CatalogFile(Disk disk, Path path, DeclarationFormat format) {
    this.path = path;
    this.file = new CheckedFile(disk, path, "henge-catalog", FORMAT_VERSION);
    this.format = format;
  }

  /// What the file says; without the file, that there are no named keyspaces.
  Content read() throws IOException {
    if (!file.exists()) {
      return new Content(DatabaseIds.FIRST_NAMED, List.of());
    }
    String body = file.read();
    try {
      return parse(format.mapper().readTree(body));
    } catch (JacksonException | DeclarationFormat.DeclarationException e) {
      throw damaged(String.valueOf(e.getMessage()));
    }
  }

  void write(Content content) throws IOException {
    ObjectNode root = format.mapper().createObjectNode();
    root.put("nextId", content.nextId());
    ArrayNode keyspaces = root.putArray("keyspaces");
    content.keyspaces().forEach(keyspace -> keyspaces.add(format.write(keyspace)));
    file.write(format.mapper().writeValueAsString(root) + "\n");
  }

  private Content parse(JsonNode root) throws IOException, DeclarationFormat.DeclarationException {
    int nextId = root.path("nextId").asInt(-1);
    var keyspaces = new ArrayList<DeclaredKeyspace>();
    var ids = new HashSet<Integer>();
    for (JsonNode node : root.path("keyspaces")) {
      int id = node.path("id").asInt(-1);
      String name = node.path("name").asString("");
      if (name.isEmpty() || id < DatabaseIds.FIRST_NAMED || id >= nextId || !ids.add(id)) {
        throw damaged("keyspace '" + name + "' with id " + id + ", next id " + nextId);
      }
      ObjectNode declaration = ((ObjectNode) node).deepCopy();
      declaration.remove(List.of("id", "name"));
      keyspaces.add(new DeclaredKeyspace(name, id, format.read(declaration)));
    }
    if (nextId < DatabaseIds.FIRST_NAMED) {
      throw damaged("next id " + nextId);
    }
    return new Content(nextId, List.copyOf(keyspaces));
  }

  private CorruptionException damaged(String found) {
    return new CorruptionException(path.toString(), 0, "no sound catalog: " + found);
  }
}
