package dev.henge.data.codec;

import dev.henge.base.Slots;
import dev.henge.data.Condition;
import dev.henge.data.DatabaseIds;
import dev.henge.data.Expiry;
import dev.henge.data.Operation;
import dev.henge.data.ScanPosition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What operations are made of, and the numbers of it. Persisted: never renumber.
final class OperationParts {
  private static final int EXPIRY_NONE = 0;
  private static final int EXPIRY_KEEP = 1;
  private static final int EXPIRY_AT = 2;
  private static final int EXPIRY_IN = 3;

  private static final int ALWAYS = 0;
  private static final int ABSENT = 1;
  private static final int PRESENT = 2;
  private static final int VALUE_IS = 3;
  private static final int REVISION_IS = 4;
  private static final int REVISION_IS_NOT = 5;
  private static final int REVISION_AMONG = 6;
  private static final int ALL_OF = 7;

  /// Above the bits of the longest string there can be.
  private static final long BIT_OFFSET_END = 1L << 40;

  private OperationParts() {}

  static void write(Expiry expiry, CodecWriter out) {
    switch (expiry) {
      case Expiry.None none -> out.one(EXPIRY_NONE);
      case Expiry.Keep keep -> out.one(EXPIRY_KEEP);
      case Expiry.At(long millis) -> out.one(EXPIRY_AT).signed(millis);
      case Expiry.In(long millis) -> out.one(EXPIRY_IN).signed(millis);
    }
  }

  static Expiry expiry(CodecReader in) throws IOException {
    int code = in.one();
    return switch (code) {
      case EXPIRY_NONE -> Expiry.NONE;
      case EXPIRY_KEEP -> Expiry.KEEP;
      case EXPIRY_AT -> new Expiry.At(in.signed());
      case EXPIRY_IN -> new Expiry.In(in.signed());
      default -> throw in.unknown("kind of expiry", code);
    };
  }

  static void write(Condition condition, CodecWriter out) {
    switch (condition) {
      case Condition.Always always -> out.one(ALWAYS);
      case Condition.Absent absent -> out.one(ABSENT);
      case Condition.Present present -> out.one(PRESENT);
      case Condition.ValueIs(byte[] value) -> out.one(VALUE_IS).bytes(value);
      case Condition.RevisionIs(long revision) -> out.one(REVISION_IS).varint(revision);
      case Condition.RevisionIsNot(long revision) -> out.one(REVISION_IS_NOT).varint(revision);
      case Condition.RevisionAmong(List<Long> revisions) -> {
        out.one(REVISION_AMONG).varint(revisions.size());
        revisions.forEach(out::varint);
      }
      case Condition.AllOf(List<Condition> all) -> {
        out.one(ALL_OF).varint(all.size());
        all.forEach(one -> write(one, out));
      }
    }
  }

  static Condition condition(CodecReader in) throws IOException {
    return condition(in, true);
  }

  private static Condition condition(CodecReader in, boolean maybeAll) throws IOException {
    int code = in.one();
    return switch (code) {
      case ALWAYS -> Condition.ALWAYS;
      case ABSENT -> Condition.ABSENT;
      case PRESENT -> Condition.PRESENT;
      case VALUE_IS -> new Condition.ValueIs(in.bytes());
      case REVISION_IS -> new Condition.RevisionIs(in.varint());
      case REVISION_IS_NOT -> new Condition.RevisionIsNot(in.varint());
      case REVISION_AMONG -> {
        int count = in.count();
        List<Long> revisions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          revisions.add(in.varint());
        }
        yield new Condition.RevisionAmong(List.copyOf(revisions));
      }
      case ALL_OF -> {
        if (!maybeAll) {
          throw in.damaged("a condition of several holds another one of several");
        }
        int count = in.count();
        List<Condition> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          all.add(condition(in, false));
        }
        yield new Condition.AllOf(List.copyOf(all));
      }
      default -> throw in.unknown("kind of condition", code);
    };
  }

  static int code(Operation.BitOperator operator) {
    return switch (operator) {
      case AND -> 0;
      case OR -> 1;
      case XOR -> 2;
      case NOT -> 3;
    };
  }

  static Operation.BitOperator operator(CodecReader in) throws IOException {
    int code = in.one();
    return switch (code) {
      case 0 -> Operation.BitOperator.AND;
      case 1 -> Operation.BitOperator.OR;
      case 2 -> Operation.BitOperator.XOR;
      case 3 -> Operation.BitOperator.NOT;
      default -> throw in.unknown("operator", code);
    };
  }

  /// Each as one byte of kind (2 bits), overflow (2 bits) and sign (1), its width, offset, operand.
  static void write(List<Operation.BitField> fields, CodecWriter out) {
    out.varint(fields.size());
    for (Operation.BitField field : fields) {
      int kind =
          switch (field.kind()) {
            case GET -> 0;
            case SET -> 1;
            case INCREMENT -> 2;
          };
      int overflow =
          switch (field.overflow()) {
            case WRAP -> 0;
            case SATURATE -> 1;
            case FAIL -> 2;
          };
      out.one(kind | overflow << 2 | (field.signed() ? 16 : 0))
          .varint(field.bits())
          .varint(field.offset())
          .signed(field.operand());
    }
  }

  static List<Operation.BitField> fields(CodecReader in, boolean onlyReads) throws IOException {
    int count = in.count();
    List<Operation.BitField> fields = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int head = in.flags(5);
      Operation.BitField.Kind kind =
          switch (head & 3) {
            case 0 -> Operation.BitField.Kind.GET;
            case 1 -> Operation.BitField.Kind.SET;
            case 2 -> Operation.BitField.Kind.INCREMENT;
            default -> throw in.unknown("kind of bit field", head & 3);
          };
      Operation.BitField.Overflow overflow =
          switch (head >> 2 & 3) {
            case 0 -> Operation.BitField.Overflow.WRAP;
            case 1 -> Operation.BitField.Overflow.SATURATE;
            case 2 -> Operation.BitField.Overflow.FAIL;
            default -> throw in.unknown("kind of overflow", head >> 2 & 3);
          };
      if (onlyReads && kind != Operation.BitField.Kind.GET) {
        throw in.damaged("a bit field is written where only reads may be");
      }
      boolean signed = (head & 16) != 0;
      int bits = in.between(1, signed ? 64 : 63);
      fields.add(new Operation.BitField(kind, signed, bits, bitOffset(in), in.signed(), overflow));
    }
    return fields;
  }

  static void write(ScanPosition position, CodecWriter out) {
    byte[] afterKey = position.afterKey();
    out.varint(position.slot())
        .bytes(afterKey == null ? new byte[0] : afterKey)
        .flags(afterKey != null);
  }

  static ScanPosition position(CodecReader in) throws IOException {
    int slot = in.between(0, Slots.COUNT); // the number behind the last slot is the end
    byte[] afterKey = in.bytes();
    return new ScanPosition(slot, in.flags(1) == 0 ? null : afterKey);
  }

  /// A byte's place in a string: not negative.
  static long offset(CodecReader in) throws IOException {
    long offset = in.varint();
    if (offset < 0) {
      throw in.damaged("a place in a string is negative");
    }
    return offset;
  }

  /// A bit's place in a string.
  static long bitOffset(CodecReader in) throws IOException {
    long offset = offset(in);
    if (offset >= BIT_OFFSET_END) {
      throw in.damaged("bit " + offset + " is behind the end of every string");
    }
    return offset;
  }

  /// A database, -1 for the scope's keyspace.
  static int database(CodecReader in) throws IOException {
    return in.signedBetween(-1, DatabaseIds.COUNT - 1);
  }
}
