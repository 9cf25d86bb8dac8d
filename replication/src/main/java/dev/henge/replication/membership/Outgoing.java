package dev.henge.replication.membership;

/// A message to be sent: at most once, in any order.
public record Outgoing(long to, GossipMessage message) {}
