package dev.henge.simulation.network;

import java.util.Collection;

/// All ways between the ends of a network, and what can be done to them. An end is known by a
/// number.
///
/// - Threads: the simulation's.
public interface Links {
  /// Messages that have arrived.
  long deliveredCount();

  /// Nothing gets from `from` to `to`.
  void block(Collection<Long> from, Collection<Long> to);

  /// Messages arrive again, everywhere.
  void unblockAll();

  /// What is under way between two ends is lost.
  void reset(long a, long b);

  /// Messages between two ends take `factor` times as long, both ways; 1 is usual.
  void slowDown(long a, long b, int factor);

  /// Percentages of messages that are lost, duplicated and overtaken; zeros are usual.
  void unruly(int lose, int duplicate, int reorder);

  /// As it should be.
  void heal();
}
