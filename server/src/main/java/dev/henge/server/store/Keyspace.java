package dev.henge.server.store;

/// What a client selects: a name, where its data is, and how it was declared.
///
/// @param name `default` for database 0, `1` to `15` for the others, else the declared name
/// @param database 0-15, or -1 for a named keyspace
/// @param id the keyspace's id where it is named; databases get theirs from the group, because
///   SWAPDB changes it
/// @param group evaluates its operations
public record Keyspace(String name, int database, int id, Group group) {}
