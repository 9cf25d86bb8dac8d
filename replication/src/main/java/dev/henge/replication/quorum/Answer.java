package dev.henge.replication.quorum;

import dev.henge.replication.causality.Versions;
import dev.henge.replication.replica.Outcome;

/// What came of a [Request].
public sealed interface Answer {
  /// What the copies that answered know together.
  ///
  /// @param copies how many answered
  record Found(Versions versions, int copies) implements Answer {}

  /// It is done.
  ///
  /// @param versions what the coordinator holds of the key now
  /// @param before what it held, or read, before
  /// @param copies as durable as the keyspace declares, of owners and of those who stand in
  /// @param hints how many of these are with somebody who stands in
  record Written(Versions versions, Versions before, int copies, int hints) implements Answer {}

  /// Nothing was done, and trying again does not help.
  record Refused(Outcome.Refusal why) implements Answer {}

  /// Nothing was done: too few copies can be reached now.
  record Unavailable(int wanted, int reachable) implements Answer {}

  /// Nothing was done: too much is under way here, or the disk is full or fails.
  record Overloaded(String why) implements Answer {}

  /// A write reached fewer copies than asked for. It may be seen, and will be everywhere in time
  /// where a copy that has it survives.
  record Unknown(int wanted, int copies) implements Answer {}
}
