package dev.henge.simulation.node;

import dev.henge.simulation.world.Machine;
import org.jspecify.annotations.Nullable;

/// A machine, what it is for, and what runs on it.
///
/// - Threads: the simulation's.
final class Site {
  /// What a machine is for.
  enum Use {
    /// Nothing runs on it.
    SPARE,
    /// A node of the cluster is to run on it.
    MEMBER,
    /// A node runs on it that was removed from the cluster.
    ZOMBIE
  }

  private final int number;
  private final Machine machine;
  Use use = Use.SPARE;
  @Nullable NodeLife node;

  /// The number and the id of the node that runs, or last ran, here; 0 and empty where it was no
  /// member yet.
  long member;

  String id = "";

  /// Whether a bit of its disk was flipped since the disk was new.
  boolean flipped;

  /// True time since when the node says that it is in trouble; 0 while it is not.
  long troubledSinceNanos;

  Site(int number, Machine machine) {
    this.number = number;
    this.machine = machine;
  }

  int number() {
    return number;
  }

  Machine machine() {
    return machine;
  }

  /// What runs here and is a member that serves; null where nothing does.
  @Nullable NodeLife serving() {
    NodeLife running = node;
    return running != null && running.isServing() ? running : null;
  }

  /// An empty disk takes the place of the one that was there: the next node has another identity.
  void wipe() {
    machine.replaceDisk();
    member = 0;
    id = "";
    flipped = false;
  }
}
