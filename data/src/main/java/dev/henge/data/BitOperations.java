package dev.henge.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Strings as arrays of bits; bit 0 is the highest of the first byte.
final class BitOperations {
  private static final Reply.Failure BAD_OFFSET =
      new Reply.Failure("ERR", "bit offset is not an integer or out of range");

  private BitOperations() {}

  static Reply getBit(Evaluation evaluation, Operation.GetBit get) {
    byte[] stored = evaluation.find(get.key());
    if (stored == null) {
      return Reply.ZERO;
    }
    int offset = StoredObject.payloadOffset(stored);
    long position = offset + (get.offset() >>> 3);
    return position < stored.length
        ? Evaluation.number(bit(stored, (int) position, get.offset()))
        : Reply.ZERO;
  }

  static Reply setBit(Evaluation evaluation, Operation.SetBit set) {
    byte[] old = evaluation.find(set.key());
    long bytes = (set.offset() >>> 3) + 1;
    Reply.Failure refusal = refusal(evaluation, set.key(), bytes);
    if (refusal != null) {
      return refusal;
    }
    byte[] payload = Evaluation.payloadOf(old, (int) bytes);
    int position = (int) (set.offset() >>> 3);
    int before = bit(payload, position, set.offset());
    int mask = 0x80 >> (set.offset() & 7);
    payload[position] =
        (byte) (set.bit() == 0 ? payload[position] & ~mask : payload[position] | mask);
    putChanged(evaluation, set.key(), old, payload, before != set.bit());
    return Evaluation.number(before);
  }

  static Reply count(Evaluation evaluation, Operation.BitCount count) {
    byte[] payload = Evaluation.payloadOf(evaluation.find(count.key()));
    Interval bits =
        count.inBits()
            ? Interval.of(count.start(), count.end(), payload.length * 8L)
            : bitsOf(Interval.of(count.start(), count.end(), payload.length));
    long ones = 0;
    long position = bits.first();
    while (position <= bits.last() && (position & 7) != 0) {
      ones += bit(payload, (int) (position >>> 3), position);
      position++;
    }
    while (position + 7 <= bits.last()) {
      ones += Integer.bitCount(payload[(int) (position >>> 3)] & 0xff);
      position += 8;
    }
    while (position <= bits.last()) {
      ones += bit(payload, (int) (position >>> 3), position);
      position++;
    }
    return Evaluation.number(ones);
  }

  static Reply position(Evaluation evaluation, Operation.BitPosition find) {
    byte[] stored = evaluation.find(find.key());
    if (stored == null) {
      return find.bit() == 0 ? Reply.ZERO : new Reply.Number(-1); // all zeros, without end
    }
    byte[] payload = StoredObject.payload(stored);
    Long end = find.end();
    long last = end == null ? -1 : end;
    Interval bits =
        find.inBits()
            ? Interval.clamped(find.start(), last, payload.length * 8L)
            : bitsOf(Interval.clamped(find.start(), last, payload.length));
    if (bits.isEmpty()) {
      return new Reply.Number(-1);
    }
    int unwanted = find.bit() == 0 ? 0xff : 0;
    long position = bits.first();
    while (position <= bits.last()) {
      int index = (int) (position >>> 3);
      if ((position & 7) == 0 && (payload[index] & 0xff) == unwanted) {
        position += 8;
      } else if (bit(payload, index, position) == find.bit()) {
        return Evaluation.number(position);
      } else {
        position++;
      }
    }
    boolean zerosFollow = find.bit() == 0 && end == null;
    return new Reply.Number(zerosFollow ? payload.length * 8L : -1);
  }

  static Reply combine(Evaluation evaluation, Operation.BitCombine combine) {
    List<byte[]> sources = new ArrayList<>(combine.sources().size());
    int bytes = 0;
    for (byte[] key : combine.sources()) {
      byte[] payload = Evaluation.payloadOf(evaluation.find(key));
      sources.add(payload);
      bytes = Math.max(bytes, payload.length);
    }
    if (bytes == 0) {
      if (evaluation.exists(combine.target())) {
        evaluation.delete(combine.target());
      }
      return Reply.ZERO;
    }
    Reply.Failure refusal = evaluation.growthRefusal(combine.target(), bytes);
    if (refusal != null) {
      return refusal;
    }
    byte[] result = new byte[bytes];
    for (int position = 0; position < bytes; position++) {
      result[position] = combined(combine.operator(), sources, position);
    }
    evaluation.put(combine.target(), StoredObject.RAW, evaluation.defaultExpiryMillis(), result);
    return Evaluation.number(bytes);
  }

  private static byte combined(Operation.BitOperator operator, List<byte[]> sources, int position) {
    int result = byteAt(sources.get(0), position);
    if (operator == Operation.BitOperator.NOT) {
      return (byte) ~result;
    }
    for (int source = 1; source < sources.size(); source++) {
      int other = byteAt(sources.get(source), position);
      result =
          switch (operator) {
            case AND -> result & other;
            case OR -> result | other;
            case XOR -> result ^ other;
            case NOT -> throw new IllegalStateException("NOT has one source");
          };
    }
    return (byte) result;
  }

  private static int byteAt(byte[] source, int position) {
    return position < source.length ? source[position] & 0xff : 0;
  }

  static Reply fields(
      Evaluation evaluation, byte[] key, List<Operation.BitField> fields, boolean writes) {
    byte[] old = evaluation.find(key);
    long bitsMin = 0;
    for (Operation.BitField field : fields) {
      if (field.kind() != Operation.BitField.Kind.GET) {
        bitsMin = Math.max(bitsMin, field.offset() + field.bits());
      }
    }
    Reply.Failure refusal = writes ? refusal(evaluation, key, (bitsMin + 7) >>> 3) : null;
    if (refusal != null) {
      return refusal;
    }
    byte[] payload = Evaluation.payloadOf(old, (int) ((bitsMin + 7) >>> 3));
    byte[] before = payload.clone();
    List<Reply> replies = new ArrayList<>(fields.size());
    for (Operation.BitField field : fields) {
      long value = BitFields.read(payload, field);
      if (field.kind() == Operation.BitField.Kind.GET) {
        replies.add(Evaluation.number(value));
        continue;
      }
      BitFields.Outcome outcome = BitFields.outcome(value, field);
      if (outcome.refused()) {
        replies.add(Reply.NOTHING);
        continue;
      }
      BitFields.write(payload, field, outcome.value());
      boolean answersOld = field.kind() == Operation.BitField.Kind.SET;
      replies.add(Evaluation.number(answersOld ? value : outcome.value()));
    }
    if (writes) {
      // Overlapping steps can undo each other: what counts is what is left of them.
      putChanged(evaluation, key, old, payload, !Arrays.equals(before, payload));
    }
    return new Reply.Many(replies);
  }

  /// Writes what a bit operation made of `old`, where that is a change.
  private static void putChanged(
      Evaluation evaluation, byte[] key, byte @Nullable [] old, byte[] payload, boolean changed) {
    boolean same =
        old != null
            && !changed
            && StoredObject.payloadBytes(old) == payload.length
            && StoredObject.encoding(old).equals("raw");
    if (!same) {
      evaluation.put(key, StoredObject.RAW, evaluation.keptExpiryMillis(old), payload);
    }
  }

  private static Reply.@Nullable Failure refusal(Evaluation evaluation, byte[] key, long bytes) {
    return bytes > evaluation.scope().limits().valueBytesMax()
        ? BAD_OFFSET
        : evaluation.refusal(key, 0);
  }

  /// The positions of all bits of an interval of bytes.
  private static Interval bitsOf(Interval bytes) {
    return bytes.isEmpty() ? bytes : new Interval(bytes.first() * 8, bytes.last() * 8 + 7);
  }

  /// The bit of the byte at `position` that the lowest three bits of `offset` name.
  private static int bit(byte[] bytes, int position, long offset) {
    return (bytes[position] >> (7 - (offset & 7))) & 1;
  }
}
