package dev.henge.server.cluster;

/// Where a request is tried.
///
/// @param member its number
/// @param term in which it must lead; 0 for any
record Target(long member, long term) {}
