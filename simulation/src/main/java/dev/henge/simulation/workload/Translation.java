package dev.henge.simulation.workload;

import dev.henge.data.Condition;
import dev.henge.data.Expiry;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.simulation.check.Action;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Between the model's actions and the database's operations.
public final class Translation {
  private Translation() {}

  public static Operation operation(String key, Action action) {
    byte[] name = bytes(key);
    return switch (action) {
      case Action.Get get -> new Operation.Get(name);
      case Action.Put put -> set(name, put.value(), new Condition.Always());
      case Action.PutIfAbsent put -> set(name, put.value(), new Condition.Absent());
      case Action.CompareAndSet swap ->
          set(name, swap.value(), new Condition.ValueIs(bytes(swap.expected())));
      case Action.Delete delete -> new Operation.Delete(List.of(name));
      case Action.Append append -> new Operation.Append(name, bytes(append.suffix()));
      case Action.Increment increment ->
          new Operation.Increment(name, increment.delta(), increment.delta() < 0);
    };
  }

  static Operation ending(String key, Action.Put put, long ttlMillis) {
    return new Operation.Set(
        bytes(key), bytes(put.value()), new Expiry.In(ttlMillis), new Condition.Always(), false);
  }

  /// The reply in the model's words; null for a reply that the action cannot have.
  public static @Nullable String answer(Reply reply) {
    return switch (reply) {
      case Reply.Bytes bytes -> text(bytes);
      case Reply.Nothing nothing -> Action.ABSENT;
      case Reply.Written written -> written.applied() ? Action.DONE : Action.REFUSED;
      case Reply.Number number -> Long.toString(number.value());
      case Reply.Ok ok -> Action.DONE;
      default -> null;
    };
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Reply.Bytes bytes) {
    return new String(bytes.bytes(), StandardCharsets.UTF_8);
  }

  private static Operation set(byte[] key, String value, Condition condition) {
    return new Operation.Set(key, bytes(value), new Expiry.None(), condition, false);
  }
}
