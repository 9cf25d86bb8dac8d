package dev.henge.server.store;

import dev.henge.storage.CompactionFilter;
import dev.henge.storage.Engine;
import dev.henge.storage.lsm.table.Compression;
import java.io.IOException;
import java.nio.file.Path;

/// Opens the engine of a group; what it holds of memory, threads and files is its own choice.
@FunctionalInterface
public interface EngineFactory {
  /// @param directory the engine's own; made when missing
  /// @param role what the engine is for
  /// @param filter what its compactions may drop
  Engine open(Path directory, Role role, CompactionFilter filter) throws IOException;

  /// @param name of the group, in thread names and metrics
  /// @param databases whether databases 0-15 live there, else one named keyspace
  record Role(String name, boolean databases, Compression compression) {}
}
