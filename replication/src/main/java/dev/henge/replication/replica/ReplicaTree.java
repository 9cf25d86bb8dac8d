package dev.henge.replication.replica;

import dev.henge.replication.hashtree.HashTree;
import dev.henge.replication.hashtree.SlotLeaves;
import dev.henge.replication.hashtree.TreeCheck;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.LogMode;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.WriteRefusedException;
import java.util.List;
import java.util.concurrent.locks.Lock;

/// The hash tree over the copies of a [KeyspaceReplica], for those who compare.
///
/// - Shows the latest state, with writes that are not acknowledged yet.
/// - Threads: any; all calls may block on the disk.
public final class ReplicaTree {
  private final Engine engine;
  private final int keyspaceId;
  private final LogMode logMode;
  private final HashTree tree;
  private final SlotLocks locks;

  ReplicaTree(Engine engine, KeyspaceReplica.Options options, HashTree tree, SlotLocks locks) {
    this.engine = engine;
    this.keyspaceId = options.keyspaceId();
    this.logMode = options.logMode();
    this.tree = tree;
    this.locks = locks;
  }

  /// The leaves of a slot: a copy.
  public SlotLeaves slot(int slot) {
    Lock lock = locks.of(slot);
    lock.lock();
    try (Reader reader = engine.latest(Access.DISK)) {
      return tree.slot(reader, slot).copy();
    } finally {
      lock.unlock();
    }
  }

  /// Proves the leaves of a slot by the data, and writes anew those that are wrong, as after a
  /// damaged file was given up.
  ///
  /// @return what was wrong; mostly nothing
  public List<TreeCheck.Difference> repair(int slot) throws WriteRefusedException {
    Lock lock = locks.of(slot);
    lock.lock();
    try (Reader reader = engine.latest(Access.DISK)) {
      var check = new TreeCheck(keyspaceId, reader);
      List<TreeCheck.Difference> differences = check.differences(slot);
      if (!differences.isEmpty()) {
        var batch = new WriteBatch();
        check.repair(differences, batch);
        engine.append(batch, logMode);
        tree.forget(slot);
      }
      return differences;
    } finally {
      lock.unlock();
    }
  }
}
