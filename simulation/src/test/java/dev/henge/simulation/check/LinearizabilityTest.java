package dev.henge.simulation.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.Seeds;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// The checker accepts what some order explains, and nothing else.
@NullMarked
final class LinearizabilityTest {
  private static final Action GET = new Action.Get();

  @Test
  void readsAfterWritesSeeThem() {
    good(done(1, 0, 10, put("a"), "ok"), done(2, 11, 20, GET, "a"));
    bad(done(1, 0, 10, put("a"), "ok"), done(2, 11, 20, GET, Action.ABSENT));
  }

  @Test
  void concurrentReadsMaySeeEither() {
    good(done(1, 0, 10, put("a"), "ok"), done(2, 5, 20, GET, Action.ABSENT));
    good(done(1, 0, 10, put("a"), "ok"), done(2, 5, 20, GET, "a"));
  }

  @Test
  void readsNeverGoBack() {
    bad(
        done(1, 0, 100, put("a"), "ok"),
        done(2, 10, 20, GET, "a"),
        done(3, 30, 40, GET, Action.ABSENT));
  }

  @Test
  void unknownWritesMayHappenLateOrNever() {
    good(
        Call.unknown(1, 0, put("a")),
        done(2, 10, 20, GET, Action.ABSENT),
        done(2, 30, 40, GET, "a"));
    good(Call.unknown(1, 0, put("a")), done(2, 10, 20, GET, Action.ABSENT));
    bad(Call.unknown(1, 25, put("a")), done(2, 10, 20, GET, "a"));
  }

  @Test
  void aLostIncrementIsSeen() {
    good(
        done(1, 0, 10, new Action.Increment(1), "1"), done(2, 5, 15, new Action.Increment(1), "2"));
    bad(done(1, 0, 10, new Action.Increment(1), "1"), done(2, 5, 15, new Action.Increment(1), "1"));
  }

  @Test
  void anAppendTwiceIsSeen() {
    bad(done(1, 0, 10, new Action.Append("x"), "1"), done(1, 11, 12, GET, "xx"));
  }

  @Test
  void onlyOneComparisonWins() {
    var first = new Action.CompareAndSet("a", "b");
    var second = new Action.CompareAndSet("a", "c");
    good(
        done(1, 0, 1, put("a"), "ok"),
        done(1, 2, 10, first, Action.DONE),
        done(2, 2, 10, second, Action.REFUSED));
    bad(
        done(1, 0, 1, put("a"), "ok"),
        done(1, 2, 10, first, Action.DONE),
        done(2, 2, 10, second, Action.DONE));
  }

  @Test
  void agreesWithEveryOrderTried() {
    int bad = 0;
    for (long seed : Seeds.of("agreesWithEveryOrderTried", 3_000)) {
      List<Call> history = small(new SeededRandomness(seed));
      boolean wrong = Linearizability.violation(history).isPresent();
      assertEquals(
          !anyOrder(history, new ArrayList<>(), Action.ABSENT), wrong, "-Dseed=" + seed + history);
      bad += wrong ? 1 : 0;
    }
    assertTrue(System.getProperty("seed") != null || (bad > 300 && bad < 2_700), bad + " bad");
  }

  /// Up to six calls with answers that are often possible.
  private static List<Call> small(SeededRandomness random) {
    List<Call> calls = new ArrayList<>();
    int count = 2 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      long start = random.nextInt(40);
      Action action =
          switch (random.nextInt(5)) {
            case 0 -> put(random.chance(50) ? "1" : "2");
            case 1 -> new Action.Delete();
            case 2 -> new Action.Increment(1);
            case 3 -> new Action.CompareAndSet("1", "3");
            default -> GET;
          };
      String state = random.oneOf(List.of(Action.ABSENT, "1", "2", "3"));
      calls.add(
          random.chance(20)
              ? Call.unknown(i, start, action)
              : done(i, start, start + 1 + random.nextInt(25), action, action.on(state).answer()));
    }
    return calls;
  }

  /// Tries every order of every choice of the unknown ones.
  private static boolean anyOrder(List<Call> left, List<Call> before, String state) {
    if (left.stream().allMatch(call -> call.endNanos() == Call.NEVER)) {
      return true;
    }
    for (Call call : left) {
      boolean late = left.stream().anyMatch(other -> other.endNanos() < call.startNanos());
      Action.Effect effect = call.action().on(state);
      if (late || (call.answer() != null && !effect.answer().equals(call.answer()))) {
        continue;
      }
      var rest = new ArrayList<>(left);
      rest.remove(call);
      before.add(call);
      if (anyOrder(rest, before, effect.state())) {
        return true;
      }
      before.removeLast();
    }
    return false;
  }

  private static Action put(String value) {
    return new Action.Put(value);
  }

  private static Call done(int client, long start, long end, Action action, String answer) {
    return Call.answered(client, start, end, action, answer);
  }

  private static void good(Call... calls) {
    assertEquals("", Linearizability.violation(List.of(calls)).orElse(""));
  }

  private static void bad(Call... calls) {
    assertFalse(Linearizability.violation(List.of(calls)).isEmpty());
  }
}
