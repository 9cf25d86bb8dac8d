package dev.henge.simulation.chaos;

import dev.henge.simulation.check.Action;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Between the model's actions and commands of RESP.
final class Wording {
  /// Answers that promise that nothing was done.
  private static final Set<String> REFUSALS =
      Set.of(
          "UNAVAILABLE",
          "OVERLOADED",
          "STOPPED",
          "LOADING",
          "CLUSTERDOWN",
          "TRYAGAIN",
          "DISKFULL",
          "EXECABORT");

  /// What an answer says about its request.
  enum Meaning {
    DONE,
    /// Nothing was done.
    REFUSED,
    /// Nobody knows.
    UNKNOWN
  }

  private Wording() {}

  static List<String> words(String key, Action action) {
    return switch (action) {
      case Action.Get get -> List.of("GET", key);
      case Action.Put put -> List.of("SET", key, put.value());
      case Action.PutIfAbsent put -> List.of("SET", key, put.value(), "NX");
      case Action.CompareAndSet swap -> List.of("SET", key, swap.value(), "IFEQ", swap.expected());
      case Action.Delete delete -> List.of("DEL", key);
      case Action.Append append -> List.of("APPEND", key, append.suffix());
      case Action.Increment add -> List.of("INCRBY", key, Long.toString(add.delta()));
    };
  }

  static Meaning meaning(Answer answer) {
    if (!(answer instanceof Answer.Failure failure)) {
      return Meaning.DONE;
    }
    if (failure.code().equals("UNKNOWN")) {
      return Meaning.UNKNOWN;
    }
    return REFUSALS.contains(failure.code()) ? Meaning.REFUSED : Meaning.DONE;
  }

  /// `answer` in the model's words; null where `action` cannot be answered so.
  static @Nullable String answer(Action action, Answer answer) {
    return switch (action) {
      case Action.Get get ->
          switch (answer) {
            case Answer.Text text -> text.text();
            case Answer.Nothing nothing -> Action.ABSENT;
            default -> null;
          };
      case Action.Put put -> isOk(answer) ? Action.DONE : null;
      case Action.PutIfAbsent put -> condition(answer);
      case Action.CompareAndSet swap -> condition(answer);
      case Action.Delete delete -> number(answer);
      case Action.Append append -> number(answer);
      case Action.Increment add -> number(answer);
    };
  }

  private static @Nullable String condition(Answer answer) {
    if (answer instanceof Answer.Nothing) {
      return Action.REFUSED;
    }
    return isOk(answer) ? Action.DONE : null;
  }

  private static @Nullable String number(Answer answer) {
    return answer instanceof Answer.Number number ? Long.toString(number.value()) : null;
  }

  private static boolean isOk(Answer answer) {
    return answer instanceof Answer.Status status && status.text().equals("OK");
  }
}
