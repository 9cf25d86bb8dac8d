package dev.henge.consensus.metadata;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/// Who holds a group, by member number.
///
/// @param voters who vote
/// @param learners who follow without a voice; disjoint from the voters
public record Replicas(SortedSet<Long> voters, SortedSet<Long> learners) {
  /// Copies the sets.
  public Replicas {
    voters = Collections.unmodifiableSortedSet(new TreeSet<>(voters));
    learners = Collections.unmodifiableSortedSet(new TreeSet<>(learners));
  }

  /// Voters only.
  public static Replicas ofVoters(Iterable<Long> voters) {
    var set = new TreeSet<Long>();
    voters.forEach(set::add);
    return new Replicas(set, new TreeSet<>());
  }

  public boolean contains(long member) {
    return voters.contains(member) || learners.contains(member);
  }

  /// Voters and learners.
  public SortedSet<Long> members() {
    var all = new TreeSet<>(voters);
    all.addAll(learners);
    return all;
  }
}
