package dev.henge.consensus.strong;

import dev.henge.storage.CompactionFilter;
import dev.henge.storage.Engine;
import java.io.IOException;
import java.nio.file.Path;

/// Opens engines of one group; what they hold of memory, threads and files is the opener's choice.
@FunctionalInterface
public interface EngineOpener {
  /// @param directory the engine's own; made when missing, below one that is there
  /// @param filter what compactions may drop
  Engine open(Path directory, CompactionFilter filter) throws IOException;
}
