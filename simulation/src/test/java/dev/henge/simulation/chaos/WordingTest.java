package dev.henge.simulation.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.henge.simulation.check.Action;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// What answers are taken for.
@NullMarked
final class WordingTest {
  private static final Answer OK = new Answer.Status("OK");

  @Test
  void aConditionThatDoesNotHoldIsAnsweredWithNothing() {
    var swap = new Action.CompareAndSet("a", "b");
    assertEquals(List.of("SET", "k", "b", "IFEQ", "a"), Wording.words("k", swap));
    assertEquals(Action.REFUSED, Wording.answer(swap, new Answer.Nothing()));
    assertEquals(Action.DONE, Wording.answer(swap, OK));
    assertEquals(Action.ABSENT, Wording.answer(new Action.Get(), new Answer.Nothing()));
  }

  @Test
  void anAnswerOfTheWrongKindIsNone() {
    assertNull(Wording.answer(new Action.Put("v"), new Answer.Nothing()));
    assertNull(Wording.answer(new Action.Get(), OK));
    assertNull(Wording.answer(new Action.Increment(1), new Answer.Text("1")));
  }

  @Test
  void onlyNamedErrorsPromiseThatNothingWasDone() {
    assertEquals(Wording.Meaning.REFUSED, meaning("UNAVAILABLE"));
    assertEquals(Wording.Meaning.UNKNOWN, meaning("UNKNOWN"));
    assertEquals(Wording.Meaning.DONE, meaning("ERR"), "an error nobody expects is an answer");
  }

  private static Wording.Meaning meaning(String code) {
    return Wording.meaning(new Answer.Failure(code, code + " because"));
  }
}
