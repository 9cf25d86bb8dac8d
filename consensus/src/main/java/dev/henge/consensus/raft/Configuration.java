package dev.henge.consensus.raft;

import java.util.SortedSet;
import java.util.TreeSet;

/// Who takes part in a group, by member number.
///
/// While `outgoing` is not empty the configuration is joint (dissertation 4.3): a decision needs a
/// majority of `voters` and one of `outgoing`.
///
/// @param voters who vote (the incoming set of a joint configuration)
/// @param outgoing who voted before; empty unless joint
/// @param learners who receive the log and have no voice; disjoint from both
public record Configuration(
    SortedSet<Long> voters, SortedSet<Long> outgoing, SortedSet<Long> learners) {

  /// Copies the sets.
  public Configuration {
    voters = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(voters));
    outgoing = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(outgoing));
    learners = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(learners));
  }

  /// A simple configuration without learners.
  public static Configuration ofVoters(Iterable<Long> voters) {
    var set = new TreeSet<Long>();
    voters.forEach(set::add);
    return new Configuration(set, new TreeSet<>(), new TreeSet<>());
  }

  public boolean isJoint() {
    return !outgoing.isEmpty();
  }

  public boolean isVoter(long member) {
    return voters.contains(member) || outgoing.contains(member);
  }

  /// Whether `member` receives the log.
  public boolean contains(long member) {
    return isVoter(member) || learners.contains(member);
  }

  /// Everybody who receives the log.
  public SortedSet<Long> members() {
    var all = new TreeSet<>(voters);
    all.addAll(outgoing);
    all.addAll(learners);
    return all;
  }
}
