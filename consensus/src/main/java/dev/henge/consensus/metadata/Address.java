package dev.henge.consensus.metadata;

/// Where a node can be reached.
///
/// @param host a name or address
/// @param resp port of the Redis protocol
/// @param http port of HTTP
/// @param peer port of the other members
/// @param cluster port of the Redis Cluster protocol; 0 where it is not served
public record Address(String host, int resp, int http, int peer, int cluster) {}
