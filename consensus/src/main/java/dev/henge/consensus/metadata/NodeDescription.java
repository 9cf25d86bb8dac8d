package dev.henge.consensus.metadata;

/// What a node says of itself.
///
/// @param id 32 hexadecimal digits, drawn when its data directory was made: a wiped disk is another
///   node
/// @param capacity its share of groups relative to others', from 1
/// @param incarnation of the process: higher at every start
public record NodeDescription(
    String id, Address address, Location location, int capacity, long incarnation) {}
