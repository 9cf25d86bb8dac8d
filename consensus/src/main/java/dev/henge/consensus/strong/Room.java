package dev.henge.consensus.strong;

import dev.henge.storage.Engine;
import java.io.IOException;

/// How a write waits while flush and compaction are behind.
@FunctionalInterface
public interface Room {
  /// Blocks until there may be room: for nodes with threads that make it.
  Room BLOCKING = Engine::awaitRoom;

  /// Makes the room itself, on the caller's thread: for a simulator whose background work would
  /// wait for this very thread.
  Room INLINE = Engine::compact;

  /// Returns when the engine may take the write; it is tried again then.
  void await(Engine engine) throws IOException;
}
