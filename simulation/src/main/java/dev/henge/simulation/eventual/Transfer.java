package dev.henge.simulation.eventual;

import dev.henge.base.Slots;
import dev.henge.data.ScanPosition;
import dev.henge.replication.replica.KeyWalk;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.storage.Access;
import dev.henge.storage.WriteRefusedException;
import java.util.function.IntPredicate;

/// Brings everything that one copy of a keyspace knows to another, in an instant.
final class Transfer {
  private Transfer() {}

  /// @param slots those to bring
  /// @throws WriteRefusedException where the other cannot take it now; some of it may be there
  static void run(KeyspaceReplica from, KeyspaceReplica to, IntPredicate slots)
      throws WriteRefusedException {
    try (KeyWalk walk = from.walk(ScanPosition.START, Slots.COUNT)) {
      while (walk.next()) {
        if (slots.test(Slots.of(walk.key()))) {
          to.merge(walk.key(), walk.versions(), Access.DISK);
        }
      }
    }
    to.engine().syncLog();
  }

  /// Reads everything that a copy knows, which fails where it is damaged.
  static void read(KeyspaceReplica replica) {
    try (KeyWalk walk = replica.walk(ScanPosition.START, Slots.COUNT)) {
      while (walk.next()) {
        replica.read(walk.key(), Access.DISK);
      }
    }
  }
}
