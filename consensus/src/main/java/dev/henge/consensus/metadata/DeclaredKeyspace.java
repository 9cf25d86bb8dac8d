package dev.henge.consensus.metadata;

/// A named keyspace.
///
/// @param id never reused
public record DeclaredKeyspace(String name, int id, KeyspaceDeclaration declaration) {}
