package dev.henge.data;

import dev.henge.base.Invariant;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import java.util.ArrayList;
import java.util.List;

/// MULTI, EXEC and WATCH: steps one after another over what the steps before wrote, as one batch.
final class Transactions {
  /// What moves the seed from step to step.
  static final long SEED_STEP = 0x9e3779b97f4a7c15L;

  private Transactions() {}

  static Reply apply(Evaluation evaluation, Operation.Transaction transaction) {
    Scope scope = evaluation.scope();
    for (Operation.Watch watch : transaction.watches()) {
      if (hasChanged(watch, evaluation)) {
        return Reply.NOTHING;
      }
    }
    var overlay = new OverlayReader(evaluation.reader());
    var changes = new WriteBatch();
    var stepChanges = new WriteBatch();
    int[] ids = scope.databaseIds();
    long seed = scope.seed();
    List<Reply> replies = new ArrayList<>(transaction.steps().size());
    for (Operation.Step step : transaction.steps()) {
      Operation operation = step.operation();
      Invariant.check(!(operation instanceof Operation.Transaction), "transactions do not nest");
      int keyspaceId = keyspaceId(step.database(), scope.keyspaceId(), ids);
      var stepScope =
          new Scope(keyspaceId, ids, scope.now(), seed, scope.revision(), scope.limits());
      replies.add(Operations.apply(operation, stepScope, overlay, stepChanges));
      if (!stepChanges.isEmpty()) {
        overlay.add(stepChanges);
        changes.append(stepChanges);
        stepChanges.clear();
      }
      if (operation instanceof Operation.SwapDatabases) {
        ids = DatabaseIds.load(overlay);
      }
      seed += SEED_STEP;
    }
    evaluation.batch().append(changes);
    return new Reply.Many(replies);
  }

  static Operation.Watch watch(int database, byte[] key, Scope scope, Reader reader) {
    int keyspaceId = keyspaceId(database, scope.keyspaceId(), scope.databaseIds());
    byte[] stored = reader.get(StoredKey.object(keyspaceId, key));
    long revision =
        stored == null || StoredObject.isExpired(stored, scope.now())
            ? 0
            : StoredObject.revision(stored);
    return new Operation.Watch(database, keyspaceId, key, revision);
  }

  /// Whether what a client would see under the watched key differs from when it watched. An object
  /// has changed when it was written, be it to the same value; its revision is the same on every
  /// replica, which the numbers of an engine are not. A key that was absent, was written and is
  /// absent again has not changed.
  private static boolean hasChanged(Operation.Watch watch, Evaluation evaluation) {
    Scope scope = evaluation.scope();
    int keyspaceId = keyspaceId(watch.database(), scope.keyspaceId(), scope.databaseIds());
    byte[] stored = evaluation.find(keyspaceId, watch.key());
    if (stored == null) {
      return watch.revision() != 0;
    }
    // one transaction may have written the key with one revision in two databases, then swapped
    return keyspaceId != watch.keyspaceId() || StoredObject.revision(stored) != watch.revision();
  }

  private static int keyspaceId(int database, int scopeKeyspaceId, int[] databaseIds) {
    return database < 0 ? scopeKeyspaceId : databaseIds[database];
  }
}
