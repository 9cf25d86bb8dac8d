package dev.henge.benchmark.cluster;

/// The next that a client asks for.
///
/// @param key its number
public record Request(Operation operation, long key) {}
