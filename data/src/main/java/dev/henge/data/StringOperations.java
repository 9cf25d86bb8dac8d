package dev.henge.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is done with strings as a whole and with ranges of their bytes.
final class StringOperations {
  private StringOperations() {}

  static Reply get(Evaluation evaluation, Operation.Get get) {
    return Evaluation.bytes(evaluation.find(get.key()));
  }

  static Reply getObject(Evaluation evaluation, Operation.GetObject get) {
    byte[] stored = evaluation.find(get.key());
    return stored == null
        ? Reply.NOTHING
        : new Reply.Found(
            new Reply.Bytes(StoredObject.payload(stored)),
            StoredObject.revision(stored),
            StoredObject.expiryMillis(stored));
  }

  static Reply getMany(Evaluation evaluation, Operation.GetMany get) {
    List<Reply> values = new ArrayList<>(get.keys().size());
    for (byte[] key : get.keys()) {
      values.add(Evaluation.bytes(evaluation.find(key)));
    }
    return new Reply.Many(values);
  }

  static Reply getRange(Evaluation evaluation, Operation.GetRange get) {
    byte[] stored = evaluation.find(get.key());
    if (stored == null) {
      return new Reply.Bytes(new byte[0]);
    }
    int offset = StoredObject.payloadOffset(stored);
    Interval bytes = Interval.of(get.start(), get.end(), stored.length - offset);
    return new Reply.Bytes(
        bytes.isEmpty()
            ? new byte[0]
            : Arrays.copyOfRange(
                stored, offset + (int) bytes.first(), offset + (int) bytes.last() + 1));
  }

  static Reply length(Evaluation evaluation, Operation.StringLength length) {
    byte[] stored = evaluation.find(length.key());
    return Evaluation.number(stored == null ? 0 : StoredObject.payloadBytes(stored));
  }

  /// The plain SET reads nothing: neither condition, nor expiry, nor answer depend on what was
  /// there.
  static Reply set(Evaluation evaluation, Operation.Set set) {
    Reply.Failure refusal = evaluation.refusal(set.key(), set.value().length);
    if (refusal != null) {
      return refusal;
    }
    boolean blind =
        set.condition() instanceof Condition.Always
            && !(set.expiry() instanceof Expiry.Keep)
            && !set.previous();
    byte[] old = blind ? null : evaluation.find(set.key());
    Reply.Bytes previous =
        set.previous() && old != null ? new Reply.Bytes(StoredObject.payload(old)) : null;
    if (!Evaluation.holds(set.condition(), old)) {
      return new Reply.Written(false, old == null ? 0 : StoredObject.revision(old), previous);
    }
    long expiryMillis = evaluation.expiryMillis(set.expiry(), old);
    evaluation.put(set.key(), StoredObject.PLAIN, expiryMillis, set.value());
    long revision = evaluation.hasPassed(expiryMillis) ? 0 : evaluation.scope().revision();
    return new Reply.Written(true, revision, previous);
  }

  static Reply setMany(Evaluation evaluation, Operation.SetMany set) {
    List<byte[]> pairs = set.keysAndValues();
    for (int i = 0; i < pairs.size(); i += 2) {
      Reply.Failure refusal = evaluation.refusal(pairs.get(i), pairs.get(i + 1).length);
      if (refusal != null) {
        return refusal;
      }
    }
    for (int i = 0; set.onlyIfAbsent() && i < pairs.size(); i += 2) {
      if (evaluation.exists(pairs.get(i))) {
        return Reply.ZERO;
      }
    }
    long expiryMillis = evaluation.defaultExpiryMillis();
    for (int i = 0; i < pairs.size(); i += 2) {
      evaluation.put(pairs.get(i), StoredObject.PLAIN, expiryMillis, pairs.get(i + 1));
    }
    return set.onlyIfAbsent() ? Reply.ONE : Reply.OK;
  }

  static Reply getAndDelete(Evaluation evaluation, Operation.GetAndDelete get) {
    byte[] stored = evaluation.find(get.key());
    if (stored != null) {
      evaluation.delete(get.key());
    }
    return Evaluation.bytes(stored);
  }

  static Reply append(Evaluation evaluation, Operation.Append append) {
    byte[] old = evaluation.find(append.key());
    byte[] suffix = append.suffix();
    int oldBytes = old == null ? 0 : StoredObject.payloadBytes(old);
    long bytes = (long) oldBytes + suffix.length;
    Reply.Failure refusal = evaluation.growthRefusal(append.key(), bytes);
    if (refusal != null) {
      return refusal;
    }
    byte[] payload = Evaluation.payloadOf(old, (int) bytes);
    System.arraycopy(suffix, 0, payload, oldBytes, suffix.length);
    byte encoding = old == null ? StoredObject.PLAIN : StoredObject.RAW;
    evaluation.put(append.key(), encoding, evaluation.keptExpiryMillis(old), payload);
    return Evaluation.number(bytes);
  }

  static Reply setRange(Evaluation evaluation, Operation.SetRange set) {
    byte[] old = evaluation.find(set.key());
    byte[] value = set.value();
    if (value.length == 0) {
      return Evaluation.number(old == null ? 0 : StoredObject.payloadBytes(old));
    }
    Reply.Failure refusal = evaluation.growthRefusal(set.key(), set.offset() + value.length);
    if (refusal != null) {
      return refusal;
    }
    int offset = (int) set.offset();
    byte[] payload = Evaluation.payloadOf(old, offset + value.length);
    System.arraycopy(value, 0, payload, offset, value.length);
    evaluation.put(set.key(), StoredObject.RAW, evaluation.keptExpiryMillis(old), payload);
    return Evaluation.number(payload.length);
  }

  static Reply increment(Evaluation evaluation, Operation.Increment increment) {
    byte[] old = evaluation.find(increment.key());
    long value = 0;
    if (old != null) {
      int offset = StoredObject.payloadOffset(old);
      if (!Numbers.isLong(old, offset, old.length - offset)) {
        return Reply.Failure.NOT_AN_INTEGER;
      }
      value = Numbers.parse(old, offset, old.length - offset);
    }
    long delta = increment.delta();
    if (increment.decrement() && delta == Long.MIN_VALUE) { // its negation cannot be asked for
      return new Reply.Failure("ERR", "decrement would overflow");
    }
    long sum = value + delta;
    if (((value ^ sum) & (delta ^ sum)) < 0) {
      return new Reply.Failure("ERR", "increment or decrement would overflow");
    }
    return putNumber(
        evaluation,
        increment.key(),
        old,
        StoredObject.PLAIN,
        Numbers.text(sum),
        Evaluation.number(sum));
  }

  static Reply incrementFloat(Evaluation evaluation, Operation.IncrementFloat increment) {
    byte[] old = evaluation.find(increment.key());
    LongDouble value = old == null ? LongDouble.ZERO : LongDouble.parse(StoredObject.payload(old));
    LongDouble delta = LongDouble.parse(increment.delta());
    if (value == null || delta == null) {
      return new Reply.Failure("ERR", "value is not a valid float");
    }
    LongDouble sum = value.plus(delta);
    if (!sum.isFinite()) {
      return new Reply.Failure("ERR", "increment would produce NaN or Infinity");
    }
    byte[] text = sum.text();
    return putNumber(
        evaluation, increment.key(), old, StoredObject.TEXT, text, new Reply.Bytes(text));
  }

  private static Reply putNumber(
      Evaluation evaluation,
      byte[] key,
      byte @Nullable [] old,
      byte encoding,
      byte[] text,
      Reply reply) {
    Reply.Failure refusal = evaluation.refusal(key, text.length);
    if (refusal != null) {
      return refusal;
    }
    evaluation.put(key, encoding, evaluation.keptExpiryMillis(old), text);
    return reply;
  }
}
