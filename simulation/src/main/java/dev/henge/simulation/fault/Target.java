package dev.henge.simulation.fault;

import dev.henge.simulation.network.Links;
import dev.henge.simulation.world.Machine;
import java.util.List;

/// What faults can be done to.
public interface Target {
  int machineCount();

  int keyspaceCount();

  Machine machine(int number);

  Links network();

  /// The member number of what runs, or last ran, on a machine.
  long member(int machine);

  /// Starts the node of a machine on which nothing runs.
  void start(int machine);

  /// Stops the node in good order, if one runs.
  void stop(int machine);

  /// The machine with the leader of a keyspace's group; -1 when nobody knows.
  int leader(int keyspace);

  /// Machines whose nodes vote on a keyspace's group, as its leader sees it; empty when nobody
  /// leads.
  List<Integer> voters(int keyspace);

  /// Asks the leader for these voters and learners; whether it comes about is seen later.
  void changeMembers(int keyspace, List<Integer> voters, List<Integer> learners);

  void transfer(int keyspace, int machine);

  /// The node of a machine has lost its disk: it gets a new identity, and takes the place of the
  /// old one in all groups.
  void replace(int machine);

  /// Whether a machine's disk may be lost or damaged now: never more than a minority of those that
  /// hold a group.
  default boolean mayBeDamaged(int machine) {
    return true;
  }

  /// A bit on a machine's disk has been flipped.
  default void damaged(int machine) {}

  /// Whether all replicas of a machine are whole and hold what is committed.
  boolean isCaughtUp(int machine);
}
