package dev.henge.server.eventual;

import dev.henge.replication.antientropy.ExchangeReport;

/// What came of comparing this node's copies of a keyspace with all others.
///
/// @param report of all comparisons together
/// @param trouble empty where all owners of this node's slots were compared with, and had the same
///   in the end; else why not
public record Repair(ExchangeReport report, String trouble) {
  public boolean equal() {
    return trouble.isEmpty();
  }
}
