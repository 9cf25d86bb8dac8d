package dev.henge.consensus.raft;

/// The answer to a proposal.
///
/// @param outcome [Outcome#ACCEPTED] when the entries are in the leader's log: that says nothing of
///   their being committed
/// @param index of the first entry; 0 unless accepted
/// @param term of the entries: committed if and only if the entry committed at `index` has this
///   term; 0 unless accepted
public record Proposed(Outcome outcome, long index, long term) {
  static Proposed refused(Outcome outcome) {
    return new Proposed(outcome, 0, 0);
  }
}
