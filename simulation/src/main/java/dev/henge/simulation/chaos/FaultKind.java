package dev.henge.simulation.chaos;

import java.util.Locale;

/// What is done to nodes and between them.
public enum FaultKind {
  /// SIGKILL of a node, which is started again after a while.
  KILL(12, false),
  /// SIGKILL of all nodes at once.
  KILL_ALL(2, false),
  /// SIGTERM of a node, which is started again after a while.
  STOP(6, false),
  /// SIGSTOP for less than an election takes.
  PAUSE(8, false),
  /// SIGSTOP for longer than an election takes.
  FREEZE(8, false),
  /// Some nodes and some others do not hear each other; clients hear all.
  PARTITION(14, true),
  /// Some nodes do not hear some others, who hear them.
  ONE_WAY(8, true),
  /// Clients and a node do not hear each other; the nodes do.
  CLIENTS(4, true),
  /// A node joins.
  ADD(4, false),
  /// A member is removed, alive or dead.
  REMOVE(4, false),
  /// A member is replaced by a new node.
  REPLACE(4, false),
  /// Another member is asked to lead.
  TRANSFER(8, false);

  private final int weight;
  private final boolean cutting;

  FaultKind(int weight, boolean cutting) {
    this.weight = weight;
    this.cutting = cutting;
  }

  /// How often it is drawn, against the others.
  int weight() {
    return weight;
  }

  /// Whether it needs [Hosting#block].
  boolean isCutting() {
    return cutting;
  }

  /// Whether it changes who is a member.
  boolean isMembership() {
    return this == ADD || this == REMOVE || this == REPLACE;
  }

  /// As it stands on the command line.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static FaultKind of(String word) {
    for (FaultKind kind : values()) {
      if (kind.word().equals(word)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("'" + word + "' is not a fault");
  }
}
