package dev.henge.data;

import dev.henge.storage.WriteBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/// What is done with keys whatever they hold, and with whole keyspaces.
final class KeyOperations {
  /// About what an entry costs beside its key and value: its record's head, index and filter.
  private static final int ENTRY_BYTES = 16;

  private KeyOperations() {}

  static Reply delete(Evaluation evaluation, Operation.Delete delete) {
    List<byte[]> there = new ArrayList<>();
    for (byte[] key : distinct(delete.keys())) {
      if (evaluation.exists(key)) {
        there.add(key);
      }
    }
    for (byte[] key : there) {
      evaluation.delete(key);
    }
    return Evaluation.number(there.size());
  }

  static Reply deleteIf(Evaluation evaluation, Operation.DeleteIf delete) {
    byte[] stored = evaluation.find(delete.key());
    if (stored == null) {
      return new Reply.Written(false, 0, null);
    }
    if (!Evaluation.holds(delete.condition(), stored)) {
      return new Reply.Written(false, StoredObject.revision(stored), null);
    }
    evaluation.delete(delete.key());
    return new Reply.Written(true, 0, null);
  }

  static Reply countExisting(Evaluation evaluation, Operation.CountExisting count) {
    int existing = 0;
    for (byte[] key : count.keys()) {
      existing += evaluation.exists(key) ? 1 : 0;
    }
    return Evaluation.number(existing);
  }

  static Reply typeOf(Evaluation evaluation, Operation.TypeOf type) {
    return new Reply.Word(evaluation.exists(type.key()) ? KeyspaceWalks.STRING : "none");
  }

  static Reply encodingOf(Evaluation evaluation, Operation.EncodingOf encoding) {
    byte[] stored = evaluation.find(encoding.key());
    return stored == null ? Reply.NOTHING : new Reply.Word(StoredObject.encoding(stored));
  }

  static Reply memoryUsage(Evaluation evaluation, Operation.MemoryUsage usage) {
    byte[] stored = evaluation.find(usage.key());
    return stored == null
        ? Reply.NOTHING
        : Evaluation.number(
            (long) StoredKey.HEADER_BYTES + usage.key().length + stored.length + ENTRY_BYTES);
  }

  static Reply rename(Evaluation evaluation, Operation.Rename rename) {
    byte[] stored = evaluation.find(rename.from());
    if (stored == null) {
      return Reply.Failure.NO_SUCH_KEY;
    }
    if (Arrays.equals(rename.from(), rename.to())) {
      return rename.onlyIfAbsent() ? Reply.ZERO : Reply.OK;
    }
    Reply.Failure refusal = evaluation.refusal(rename.to(), 0);
    if (refusal != null) {
      return refusal;
    }
    if (rename.onlyIfAbsent() && evaluation.exists(rename.to())) {
      return Reply.ZERO;
    }
    putAs(evaluation, rename.to(), stored);
    evaluation.delete(rename.from());
    return rename.onlyIfAbsent() ? Reply.ONE : Reply.OK;
  }

  static Reply copy(Evaluation evaluation, Operation.Copy copy) {
    Scope scope = evaluation.scope();
    int database = copy.targetDatabase();
    if (database >= scope.databaseIds().length) {
      return new Reply.Failure("ERR", "DB index is out of range");
    }
    int keyspaceId = database < 0 ? scope.keyspaceId() : scope.databaseIds()[database];
    if (keyspaceId == scope.keyspaceId() && Arrays.equals(copy.from(), copy.to())) {
      return new Reply.Failure("ERR", "source and destination objects are the same");
    }
    Reply.Failure refusal = evaluation.refusal(copy.to(), 0);
    if (refusal != null) {
      return refusal;
    }
    byte[] stored = evaluation.find(copy.from());
    if (stored == null || (!copy.replace() && evaluation.find(keyspaceId, copy.to()) != null)) {
      return Reply.ZERO;
    }
    Scope there = scope.in(keyspaceId);
    putAs(new Evaluation(there, evaluation.reader(), evaluation.batch()), copy.to(), stored);
    return Reply.ONE;
  }

  static Reply flush(Evaluation evaluation, Operation.Flush flush) {
    Scope scope = evaluation.scope();
    if (flush.allDatabases() && scope.databaseIds().length == 0) {
      return new Reply.Failure("ERR", "this keyspace is none of the databases 0-15");
    }
    int[] keyspaceIds = flush.allDatabases() ? scope.databaseIds() : new int[] {scope.keyspaceId()};
    WriteBatch batch = evaluation.batch();
    for (int keyspaceId : keyspaceIds) {
      batch.deleteRange(StoredKey.keyspaceStart(keyspaceId), StoredKey.keyspaceEnd(keyspaceId));
    }
    return Reply.OK;
  }

  static Reply swapDatabases(Evaluation evaluation, Operation.SwapDatabases swap) {
    int[] ids = evaluation.scope().databaseIds().clone();
    int first = swap.first();
    int second = swap.second();
    if (Math.min(first, second) < 0 || Math.max(first, second) >= ids.length) {
      return new Reply.Failure("ERR", "DB index is out of range");
    }
    if (first != second) {
      int id = ids[first];
      ids[first] = ids[second];
      ids[second] = id;
      evaluation.batch().put(DatabaseIds.storedKey(), DatabaseIds.record(ids));
    }
    return Reply.OK;
  }

  /// The same object, expiry and encoding included, under another key.
  private static void putAs(Evaluation evaluation, byte[] key, byte[] stored) {
    evaluation.put(
        key,
        StoredObject.encodingFlags(stored),
        StoredObject.expiryMillis(stored),
        StoredObject.payload(stored));
  }

  private static Iterable<byte[]> distinct(List<byte[]> keys) {
    if (keys.size() < 2) {
      return keys;
    }
    var distinct = new TreeSet<byte[]>(Arrays::compareUnsigned);
    distinct.addAll(keys);
    return distinct;
  }
}
