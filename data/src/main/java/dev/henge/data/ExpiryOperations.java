package dev.henge.data;

import dev.henge.base.Invariant;

/// What changes and answers when an object ends. Changing it writes the whole object anew: there is
/// no record of expiries beside the objects.
final class ExpiryOperations {
  private ExpiryOperations() {}

  static Reply getAndExpire(Evaluation evaluation, Operation.GetAndExpire get) {
    byte[] stored = evaluation.find(get.key());
    if (stored == null) {
      return Reply.NOTHING;
    }
    long old = StoredObject.expiryMillis(stored);
    long expiryMillis =
        get.expiry() instanceof Expiry.None ? 0 : evaluation.expiryMillis(get.expiry(), stored);
    if (expiryMillis != old) {
      renew(evaluation, get.key(), stored, expiryMillis);
    }
    return Evaluation.bytes(stored);
  }

  static Reply expire(Evaluation evaluation, Operation.Expire expire) {
    boolean timed = expire.expiry() instanceof Expiry.At || expire.expiry() instanceof Expiry.In;
    Invariant.check(timed, "EXPIRE names a time");
    byte[] stored = evaluation.find(expire.key());
    if (stored == null) {
      return Reply.ZERO;
    }
    long old = StoredObject.expiryMillis(stored);
    long expiryMillis = evaluation.expiryMillis(expire.expiry(), stored);
    if (!holds(expire.condition(), old, expiryMillis)) {
      return Reply.ZERO;
    }
    renew(evaluation, expire.key(), stored, expiryMillis);
    return Reply.ONE;
  }

  static Reply persist(Evaluation evaluation, Operation.Persist persist) {
    byte[] stored = evaluation.find(persist.key());
    if (stored == null || StoredObject.expiryMillis(stored) == 0) {
      return Reply.ZERO;
    }
    renew(evaluation, persist.key(), stored, 0);
    return Reply.ONE;
  }

  static Reply expiryOf(Evaluation evaluation, byte[] key, boolean remaining) {
    byte[] stored = evaluation.find(key);
    if (stored == null) {
      return new Reply.Number(-2);
    }
    long expiryMillis = StoredObject.expiryMillis(stored);
    if (expiryMillis == 0) {
      return new Reply.Number(-1);
    }
    return Evaluation.number(remaining ? expiryMillis - evaluation.now() : expiryMillis);
  }

  /// An object without expiry counts as one that ends after all others.
  private static boolean holds(Operation.ExpireCondition condition, long old, long wanted) {
    boolean endless = old == 0;
    return !(condition.absent() && !endless)
        && !(condition.present() && endless)
        && !(condition.greater() && (endless || wanted <= old))
        && !(condition.less() && !endless && wanted >= old);
  }

  private static void renew(Evaluation evaluation, byte[] key, byte[] stored, long expiryMillis) {
    evaluation.put(
        key, StoredObject.encodingFlags(stored), expiryMillis, StoredObject.payload(stored));
  }
}
