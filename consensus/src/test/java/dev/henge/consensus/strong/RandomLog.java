package dev.henge.consensus.strong;

import dev.henge.consensus.group.StateMachine;
import dev.henge.data.Condition;
import dev.henge.data.Expiry;
import dev.henge.data.Operation;
import dev.henge.data.ScanPosition;
import dev.henge.data.Scope;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Entries of a group's log, drawn at random over few keys and short times, so that they meet.
final class RandomLog {
  private static final String[] KEYS = {"a", "b", "c", "{t}1", "{t}2", "counter"};
  private static final Scope.Limits LIMITS = new Scope.Limits(100, 400, 0);

  private final List<List<StateMachine.Command>> entries = new ArrayList<>();
  private final Random random;
  private long nowMillis = 1_000_000;

  RandomLog(Random random, int entryCount) {
    this.random = random;
    for (int i = 1; i <= entryCount; i++) {
      add(i);
    }
  }

  long lastIndex() {
    return entries.size();
  }

  /// Commands of the entry; none for those that a leader writes for itself.
  List<StateMachine.Command> commands(long index) {
    return entries.get((int) index - 1);
  }

  private void add(long index) {
    List<StateMachine.Command> commands = new ArrayList<>();
    nowMillis += random.nextInt(30);
    long seed = random.nextLong();
    int count = random.nextInt(6) == 0 ? 0 : 1 + random.nextInt(5);
    for (int offset = 0; offset < count; offset++) {
      RequestId id = random.nextInt(3) == 0 ? new RequestId(7, random.nextInt(40)) : null;
      int database = random.nextInt(3) > 0 ? 0 : random.nextInt(3);
      byte[] bytes = new StrongCommand(id, 0, database, LIMITS, operation()).encode();
      commands.add(new StateMachine.Command(index, 1, offset, nowMillis, seed, bytes));
    }
    entries.add(commands);
  }

  private Operation operation() {
    return switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> set(Expiry.NONE, Condition.ALWAYS);
      case 4 -> set(new Expiry.In(1 + random.nextInt(150)), Condition.ALWAYS);
      case 5 -> set(Expiry.KEEP, random.nextBoolean() ? Condition.ABSENT : Condition.PRESENT);
      case 6, 7, 8 -> new Operation.Increment(key(), random.nextInt(100), false);
      case 9, 10 -> new Operation.Append(key(), value());
      case 11 -> new Operation.Delete(List.of(key(), key()));
      case 12 -> new Operation.Rename(key(), key(), random.nextBoolean());
      case 13 -> new Operation.Copy(key(), key(), random.nextInt(3), true);
      case 14 ->
          new Operation.Expire(
              key(), new Expiry.In(random.nextInt(200)), Operation.ExpireCondition.ALWAYS);
      case 15 ->
          random.nextInt(3) > 0
              ? new Operation.Persist(key())
              : new Operation.Flush(random.nextBoolean());
      case 16 -> new Operation.SwapDatabases(random.nextInt(3), random.nextInt(3));
      case 17 -> new Operation.GetObject(key());
      case 18 -> new Operation.Transaction(steps(), watches());
      default -> new Operation.GetAndDelete(key());
    };
  }

  private List<Operation.Step> steps() {
    List<Operation.Step> steps = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      Operation operation =
          switch (random.nextInt(4)) {
            case 0 -> new Operation.Increment(key(), 1, false);
            case 1 -> new Operation.SwapDatabases(random.nextInt(3), random.nextInt(3));
            case 2 ->
                random.nextBoolean()
                    ? new Operation.CountKeys()
                    : new Operation.Scan(ScanPosition.START, null, new byte[0], 2, null);
            default -> set(Expiry.NONE, Condition.ALWAYS);
          };
      steps.add(new Operation.Step(random.nextInt(4) - 1, operation));
    }
    return steps;
  }

  private List<Operation.Watch> watches() {
    return random.nextBoolean()
        ? List.of()
        : List.of(new Operation.Watch(0, 1 + random.nextInt(2), key(), random.nextInt(50)));
  }

  private Operation set(Expiry expiry, Condition condition) {
    return new Operation.Set(key(), value(), expiry, condition, random.nextBoolean());
  }

  private byte[] key() {
    return KEYS[random.nextInt(KEYS.length)].getBytes(StandardCharsets.ISO_8859_1);
  }

  private byte[] value() {
    @Nullable String text = random.nextBoolean() ? "" + random.nextInt(1000) : null;
    return text == null
        ? "x".repeat(random.nextInt(90)).getBytes(StandardCharsets.ISO_8859_1)
        : text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
