package dev.henge.replication.membership;

/// One member says of another that it is silent, and does not answer others either.
///
/// It holds for the heartbeat that the accuser knew of, and for none behind it.
///
/// @param accuser the independent source that says so
public record Accusation(long accused, long incarnation, long heartbeat, long accuser) {}
