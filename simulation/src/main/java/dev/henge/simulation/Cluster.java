package dev.henge.simulation;

import dev.henge.simulation.fault.Target;
import dev.henge.simulation.workload.Service;
import java.util.List;
import java.util.Map;

/// A cluster of simulated machines, as the simulation drives and judges it.
public interface Cluster extends Service, Target {
  /// Starts all machines and founds all groups.
  void found();

  /// Clients work from now on: whoever operates the cluster begins, too.
  default void operate() {}

  /// What was to come about in this run and has not yet.
  default List<String> unkept() {
    return List.of();
  }

  /// Whether every group has a leader and all its members have applied all that is committed.
  boolean isSettled();

  /// How things stand, for a report on a cluster that does not settle.
  String describe();

  /// What replicas hold differently, at rest; empty when they are equal.
  List<String> differences(List<String> keys);

  /// What has gone wrong inside nodes and must not.
  List<String> internalErrors();

  /// Events that the report counts.
  Counts counts();

  /// @param elections times that a term got a leader
  /// @param installs images taken in by members that lagged
  /// @param changes changes of members that were committed
  /// @param operations of whoever operates the cluster, by name
  record Counts(long elections, long installs, long changes, Map<String, Long> operations) {}
}
