package dev.henge.simulation.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// A fault takes its steps in order, waits where it must, and ends.
@NullMarked
final class FaultTest {
  private final List<String> done = new ArrayList<>();
  private boolean ready;

  @Test
  void lastsItsTimeAndThenUndoesWhatItDid() throws IOException {
    Fault fault = fault();
    assertFalse(fault.advance(0));
    assertFalse(fault.advance(99));
    assertEquals(List.of("begin"), done);
    assertFalse(fault.advance(100), "not over before the node is ready");
    ready = true;
    assertTrue(fault.advance(101));
    assertEquals(List.of("begin", "end"), done);
  }

  @Test
  void endsAtOnceWhenHurried() throws IOException {
    Fault fault = fault();
    ready = true;
    fault.hurry();
    assertTrue(fault.advance(0));
    assertEquals(List.of("begin", "end"), done);
  }

  private Fault fault() {
    return new Fault(
        FaultKind.KILL,
        Set.of(1),
        100,
        List.of(due -> done.add("begin"), due -> due, due -> done.add("end"), due -> ready));
  }
}
