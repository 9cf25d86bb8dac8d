package dev.henge.simulation.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.simulation.check.Action;
import dev.henge.simulation.check.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What clients saw is kept, judged key by key, and written for people.
@NullMarked
final class LedgerTest {
  private final Ledger ledger = new Ledger(0);

  @Test
  void aLostWriteIsAViolationOfItsKey() {
    ledger.add("a", Call.answered(1, 0, 10, new Action.Put("v"), Action.DONE));
    ledger.add("a", Call.answered(2, 20, 30, new Action.Get(), Action.ABSENT));
    ledger.add("b", Call.answered(2, 20, 30, new Action.Get(), Action.ABSENT));
    List<String> violations = ledger.judge();
    assertEquals(1, violations.size());
    assertTrue(violations.getFirst().startsWith("key a is not linearizable"), violations::getFirst);
  }

  @Test
  void aWriteDoneTwiceIsAViolation() {
    ledger.add("n", Call.answered(1, 0, 10, new Action.Increment(1), "1"));
    ledger.add("n", Call.answered(2, 20, 30, new Action.Get(), "2"));
    assertEquals(1, ledger.judge().size());
  }

  @Test
  void theLongestGapCountsFromTheBeginningOfARound() {
    ledger.answered(1_000_000_000);
    ledger.resume(60_000_000_000L);
    ledger.answered(61_500_000_000L);
    assertEquals(1.5, ledger.longestGapSeconds());
  }

  @Test
  void callsAreWrittenInOrderOfTheirStart(@TempDir Path directory) throws IOException {
    ledger.add("a", Call.answered(2, 20, 30, new Action.Get(), "v"));
    ledger.add("a", Call.unknown(1, 0, new Action.Put("v")));
    Path file = directory.resolve("history.txt");
    ledger.write(file);
    List<String> lines = Files.readAllLines(file);
    assertEquals("a", lines.getFirst());
    assertTrue(
        lines.get(1).contains("client 1") && lines.get(2).contains("client 2"), () -> "" + lines);
  }
}
