package dev.henge.benchmark.cassandra;

/// When the commit log is synced.
public enum CommitLog {
  /// Cassandra's default: every ten seconds, acknowledged before.
  PERIODIC("commitlog_sync: periodic\ncommitlog_sync_period: 10000ms"),
  /// Before a write is acknowledged, together with those that came meanwhile.
  BATCH("commitlog_sync: batch");

  private final String configuration;

  CommitLog(String configuration) {
    this.configuration = configuration;
  }

  /// As `cassandra.yaml` has it.
  String configuration() {
    return configuration;
  }

  @Override
  public String toString() {
    return configuration.replace("\n", ", ");
  }
}
