package dev.henge.data;

import static dev.henge.data.ScratchGroup.bytes;

import dev.henge.base.Slots;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Draws operations over few keys and short times, so that they meet.
final class RandomOperations {
  private static final List<String> KEYS =
      List.of("a", "b", "c", "{t}1", "{t}2", "longer", "", "key longer than is allowed");
  private static final List<String> VALUES =
      List.of(
          "", "1", "-7", "007", "9223372036854775807", "-9223372036854775808", "text", "\0\377");

  private final Random random;

  RandomOperations(Random random) {
    this.random = random;
  }

  int database() {
    return random.nextInt(10) < 8 ? 0 : random.nextInt(3);
  }

  Operation next(long now) {
    List<Supplier<Operation>> kinds =
        List.of(
            () -> new Operation.Get(key()),
            () -> new Operation.GetObject(key()),
            () -> new Operation.GetMany(keys()),
            () -> new Operation.GetRange(key(), index(), index()),
            () -> new Operation.StringLength(key()),
            () -> new Operation.Set(key(), value(), expiry(now), condition(), random.nextBoolean()),
            () -> new Operation.Set(key(), value(), Expiry.NONE, Condition.ALWAYS, false),
            () -> new Operation.Set(key(), value(), in(), Condition.ALWAYS, false),
            () -> new Operation.SetMany(pairs(), random.nextBoolean()),
            () -> new Operation.GetAndDelete(key()),
            () -> new Operation.GetAndExpire(key(), expiry(now)),
            () -> new Operation.Append(key(), value()),
            () -> new Operation.SetRange(key(), random.nextInt(70), value()),
            () -> new Operation.Increment(key(), number(), random.nextBoolean()),
            () -> new Operation.GetBit(key(), random.nextInt(100)),
            () -> new Operation.SetBit(key(), random.nextInt(500), random.nextInt(2)),
            () -> new Operation.BitCount(key(), index(), index(), random.nextBoolean()),
            this::bitPosition,
            this::bitCombine,
            () -> new Operation.BitFields(key(), fields(false)),
            () -> new Operation.ReadBitFields(key(), fields(true)),
            () -> new Operation.Delete(keys()),
            () -> new Operation.DeleteIf(key(), condition()),
            () -> new Operation.CountExisting(keys()),
            () -> new Operation.TypeOf(key()),
            () -> new Operation.EncodingOf(key()),
            () -> new Operation.Rename(key(), key(), random.nextBoolean()),
            () -> new Operation.Copy(key(), key(), random.nextInt(4) - 1, random.nextBoolean()),
            () -> new Operation.Expire(key(), time(now), expireCondition()),
            () -> new Operation.Expire(key(), in(), Operation.ExpireCondition.ALWAYS),
            () -> new Operation.ExpiryOf(key()),
            () -> new Operation.RemainingOf(key()),
            () -> new Operation.Persist(key()),
            () -> new Operation.Keys(bytes(random.nextBoolean() ? "*" : "{t}*")),
            () -> new Operation.CountKeys(),
            () -> new Operation.CountKeysInSlot(Slots.of(bytes("t"))),
            () -> rarely(new Operation.Flush(random.nextBoolean())),
            () -> rarely(new Operation.SwapDatabases(random.nextInt(3), random.nextInt(3))));
    return kinds.get(random.nextInt(kinds.size())).get();
  }

  byte[] key() {
    return bytes(KEYS.get(random.nextInt(random.nextInt(8) == 0 ? KEYS.size() : 5)));
  }

  private Operation rarely(Operation operation) {
    return random.nextInt(4) == 0 ? operation : new Operation.Get(key());
  }

  private List<byte[]> keys() {
    List<byte[]> keys = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      keys.add(key());
    }
    return keys;
  }

  private List<byte[]> pairs() {
    List<byte[]> pairs = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      pairs.add(key());
      pairs.add(value());
    }
    return pairs;
  }

  private byte[] value() {
    if (random.nextInt(3) > 0) {
      return bytes(VALUES.get(random.nextInt(VALUES.size())));
    }
    byte[] value = new byte[random.nextInt(random.nextInt(4) == 0 ? 80 : 12)];
    random.nextBytes(value);
    return value;
  }

  private long index() {
    return random.nextInt(8) == 0 ? random.nextLong() : random.nextInt(80) - 40;
  }

  private long number() {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextLong();
      case 1 -> Long.MIN_VALUE;
      case 2 -> Long.MAX_VALUE;
      default -> random.nextInt(20) - 10;
    };
  }

  private Condition condition() {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> Condition.ALWAYS;
      case 3 -> Condition.ABSENT;
      case 4 -> Condition.PRESENT;
      case 5 -> new Condition.ValueIs(value());
      case 6 -> new Condition.RevisionIs(random.nextInt(100));
      case 7 -> new Condition.RevisionIsNot(random.nextInt(100));
      case 8 ->
          new Condition.RevisionAmong(
              List.of((long) random.nextInt(100), (long) random.nextInt(100)));
      default ->
          new Condition.AllOf(
              List.of(Condition.PRESENT, new Condition.RevisionIsNot(random.nextInt(100))));
    };
  }

  private Expiry expiry(long now) {
    return switch (random.nextInt(4)) {
      case 0 -> Expiry.NONE;
      case 1 -> Expiry.KEEP;
      case 2 -> in();
      default -> time(now);
    };
  }

  private Expiry in() {
    return new Expiry.In(random.nextInt(20) == 0 ? Long.MAX_VALUE : 1 + random.nextInt(200));
  }

  private Expiry time(long now) {
    return new Expiry.At(now + random.nextInt(200) - 20);
  }

  private Operation.ExpireCondition expireCondition() {
    boolean less = random.nextInt(3) == 0;
    boolean greater = !less && random.nextInt(3) == 0;
    boolean absent = !less && !greater && random.nextInt(2) == 0;
    return new Operation.ExpireCondition(absent, !absent && random.nextInt(3) == 0, greater, less);
  }

  private Operation bitPosition() {
    @Nullable Long end = random.nextBoolean() ? null : (Long) index();
    boolean inBits = end != null && random.nextBoolean();
    return new Operation.BitPosition(key(), random.nextInt(2), index(), end, inBits);
  }

  private Operation bitCombine() {
    var operator = Operation.BitOperator.values()[random.nextInt(4)];
    List<byte[]> sources = operator == Operation.BitOperator.NOT ? List.of(key()) : keys();
    return new Operation.BitCombine(operator, key(), sources);
  }

  private List<Operation.BitField> fields(boolean onlyReads) {
    List<Operation.BitField> fields = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      boolean signed = random.nextBoolean();
      fields.add(
          new Operation.BitField(
              Operation.BitField.Kind.values()[onlyReads ? 0 : random.nextInt(3)],
              signed,
              1 + random.nextInt(signed ? 64 : 63),
              random.nextInt(450),
              random.nextBoolean() ? number() : random.nextInt(16),
              Operation.BitField.Overflow.values()[random.nextInt(3)]));
    }
    return fields;
  }
}
