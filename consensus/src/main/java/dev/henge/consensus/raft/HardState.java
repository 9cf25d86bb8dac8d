package dev.henge.consensus.raft;

/// What a replica must remember over a crash besides its log.
///
/// @param term the newest term seen
/// @param vote the member voted for in it; 0 for none
/// @param commit a lower bound of what is committed: a hint that spares waiting for a leader
public record HardState(long term, long vote, long commit) {
  /// Of a replica that has seen nothing.
  public static final HardState EMPTY = new HardState(0, 0, 0);
}
