package dev.henge.server.store;

/// A named keyspace as the catalog has it.
///
/// @param id never reused
public record DeclaredKeyspace(String name, int id, KeyspaceDeclaration declaration) {
  /// What clients select.
  Keyspace in(Group group) {
    return new Keyspace(name, -1, id, group);
  }
}
