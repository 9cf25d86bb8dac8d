package dev.henge.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The demonstration's own judge: it must see every kind of loss.
final class VerdictTest {
  private static final byte[] KEY = bytes("wn:word:noun:dog");
  private static final byte[] OLD = bytes("old");
  private static final byte[] NEW = bytes("new");

  private final Verdict verdict = new Verdict();

  @Test
  void acknowledgedWritesMustBeThere() {
    assertEquals(Verdict.Fate.KEPT, verdict.judgeWritten(KEY, true, OLD, NEW, NEW));
    assertEquals(Verdict.Fate.KEPT, verdict.judgeWritten(KEY, true, OLD, null, null));
    assertEquals(Verdict.Fate.KEPT, verdict.judgeWritten(KEY, true, null, NEW, NEW));
    assertTrue(verdict.good());
  }

  @Test
  void otherWritesMayBeThereOrNot() {
    assertEquals(Verdict.Fate.APPLIED, verdict.judgeWritten(KEY, false, OLD, NEW, NEW));
    assertEquals(Verdict.Fate.NOT_APPLIED, verdict.judgeWritten(KEY, false, OLD, NEW, OLD));
    assertEquals(Verdict.Fate.NOT_APPLIED, verdict.judgeWritten(KEY, false, OLD, null, OLD));
    assertEquals(Verdict.Fate.UNTOUCHED, verdict.judgeUntouched(KEY, OLD, OLD));
    assertTrue(verdict.good());
    assertEquals(4, verdict.total());
  }

  @Test
  void aLostWriteIsSeen() {
    verdict.judgeWritten(KEY, true, OLD, NEW, NEW);
    assertEquals(Verdict.Fate.LOST, verdict.judgeWritten(KEY, true, OLD, NEW, OLD));
    assertFalse(verdict.good());
    assertEquals(List.of("LOST wn:word:noun:dog, holds 3 bytes"), verdict.complaints());
  }

  @Test
  void aDeletionThatCameBackIsSeen() {
    assertEquals(Verdict.Fate.LOST, verdict.judgeWritten(KEY, true, OLD, null, OLD));
    assertFalse(verdict.good());
  }

  @Test
  void aTornValueIsSeenWhetherAcknowledgedOrNot() {
    assertEquals(Verdict.Fate.TORN, verdict.judgeWritten(KEY, true, OLD, NEW, bytes("ne")));
    assertEquals(Verdict.Fate.TORN, verdict.judgeWritten(KEY, false, OLD, NEW, bytes("neld")));
    assertEquals(Verdict.Fate.TORN, verdict.judgeWritten(KEY, false, OLD, NEW, null));
    assertFalse(verdict.good());
    assertEquals(3, verdict.count(Verdict.Fate.TORN));
  }

  @Test
  void aKeyThatWasNotWrittenMustStay() {
    assertEquals(Verdict.Fate.TORN, verdict.judgeUntouched(KEY, OLD, null));
    assertFalse(verdict.good());
  }

  @Test
  void onlyTheFirstComplaintsAreNamed() {
    for (int i = 0; i < 100; i++) {
      verdict.judgeWritten(KEY, true, OLD, NEW, OLD);
    }
    assertEquals(10, verdict.complaints().size());
    assertEquals(100, verdict.count(Verdict.Fate.LOST));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
