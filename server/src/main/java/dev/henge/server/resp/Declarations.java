package dev.henge.server.resp;

import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.server.store.DeclareOutcome;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Named keyspaces, as HENGE.KEYSPACE lists and makes them.
///
/// - Threads: any; nothing blocks.
public interface Declarations {
  /// In the order of their making.
  List<DeclaredKeyspace> declared();

  /// Makes the keyspace `name` where it is not there yet, and waits until it is served.
  CompletableFuture<DeclareOutcome> declare(String name, KeyspaceDeclaration declaration);
}
