package dev.henge.server.cluster;

import dev.henge.consensus.group.ConsensusGroup.ReadLevel;
import java.util.Locale;
import java.util.Optional;

/// How fresh a read of a strong keyspace must be, by choice of who asks.
public enum Consistency {
  /// Sees every write acknowledged before it began.
  LINEARIZABLE(ReadLevel.LINEARIZABLE),
  /// By the leader's lease, without a round among replicas.
  LEADER(ReadLevel.LEADER),
  /// By any replica, the nearest first.
  STALE(ReadLevel.STALE);

  private final ReadLevel level;

  Consistency(ReadLevel level) {
    this.level = level;
  }

  ReadLevel level() {
    return level;
  }

  /// As clients write it.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// What `word` names, in any case.
  public static Optional<Consistency> of(String word) {
    for (Consistency one : values()) {
      if (one.name().equalsIgnoreCase(word)) {
        return Optional.of(one);
      }
    }
    return Optional.empty();
  }
}
