package dev.henge.simulation.eventual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.simulation.eventual.Deed.Kind;
import dev.henge.simulation.eventual.Deed.Outcome;
import dev.henge.simulation.eventual.Deed.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The judge on histories whose verdict is known.
@NullMarked
final class KeyJudgeTest {
  private final List<Deed> deeds = new ArrayList<>();
  private boolean latest;
  private boolean strict;
  private int damages;

  // ---- lost writes

  @Test
  void aValueThatIsThereIsGood() {
    put("a", null, values(), 2);
    assertGood("a");
  }

  @Test
  void anAcknowledgedValueThatIsGoneIsLost() {
    put("a", null, values(), 2);
    put("b", null, values(), 2);
    assertBad("lost", "b");
  }

  @Test
  void aValueThatItsReplacerHadReadIsNotLost() {
    put("a", null, values(), 2);
    put("b", context("a"), values("a"), 2);
    assertGood("b");
  }

  @Test
  void aChainOfReplacementsIsFollowed() {
    put("a", null, values(), 2);
    unknown(Kind.PUT, "b", context("a"));
    put("c", context("b"), values("b"), 2);
    assertGood("c");
  }

  @Test
  void aReplacementThatCameToNothingExcusesNothing() {
    put("a", null, values(), 2);
    unknown(Kind.PUT, "b", context("a"));
    assertBad("lost");
  }

  @Test
  void aRefusedReplacementExcusesNothing() {
    put("a", null, values(), 2);
    refused("b", context("a"));
    put("c", null, values(), 2);
    assertBad("lost", "c");
  }

  @Test
  void aDeletionByWhoeverHadReadItIsNoLoss() {
    put("a", null, values(), 2);
    unknown(Kind.DELETE, null, context("a"));
    assertGood();
  }

  @Test
  void aDeletionOfSomethingElseIsOne() {
    put("a", null, values(), 2);
    put("b", null, values(), 2);
    deleted(context("a"), values("a"), 2);
    assertBad("lost");
  }

  @Test
  void whatItsCoordinatorHeldIsReplacedByABlindWrite() {
    put("a", null, values(), 2);
    put("b", null, values("a"), 2);
    assertGood("b");
  }

  @Test
  void aBlindWriteOfUnknownOutcomeMayHaveReplacedOneValue() {
    put("a", null, values(), 2);
    unknown(Kind.PUT, "b", null);
    assertGood("b");
    put("c", null, values(), 2);
    assertBad("lost", "b");
  }

  @Test
  void whatOnlyLostDisksHadMayBeLost() {
    put("a", null, values(), 1);
    damages = 1;
    assertGood();
    put("b", null, values(), 2);
    damages = 2;
    assertGood();
    damages = 1;
    assertBad("lost");
  }

  @Test
  void theLatestMayWin() {
    latest = true;
    put("a", null, values(), 2);
    put("b", null, values(), 2);
    assertGood("b");
  }

  @Test
  void theEarlierMayNotWin() {
    latest = true;
    put("a", null, values(), 2);
    put("b", null, values(), 2);
    assertBad("lost", "a");
  }

  // ---- what comes back

  @Test
  void whatWasDeletedStaysSo() {
    put("a", null, values(), 2);
    deleted(context("a"), values("a"), 2);
    assertBad("risen", "a");
  }

  @Test
  void whatWasReplacedStaysSo() {
    put("a", null, values(), 2);
    put("b", context("a"), values("a"), 2);
    assertBad("risen", "a", "b");
  }

  @Test
  void aDeletionOfUnknownOutcomePromisesNothing() {
    put("a", null, values(), 2);
    unknown(Kind.DELETE, null, context("a"));
    assertGood("a");
  }

  // ---- siblings

  @Test
  void concurrentValuesStandBesideEachOther() {
    put("a", null, values(), 2);
    put("b", context("a"), values("a"), 2);
    put("c", context("a"), values("b"), 2);
    assertGood("b", "c");
  }

  @Test
  void aBlindWriteHidesOneValueAtMost() {
    put("a", null, values(), 2);
    put("b", context(), values("a"), 2);
    put("c", null, values("a", "b"), 2);
    assertBad("hidden", "c");
  }

  @Test
  void whatNobodyWroteIsNotShown() {
    put("a", null, values(), 2);
    refused("b", null);
    assertBad("nobody has written", "a", "b");
  }

  @Test
  void noReadShowsAValueBesideWhatItReplaced() {
    put("a", null, values(), 2);
    put("b", context("a"), values("a"), 2);
    read(1, "a", "b");
    assertBad("both are shown", "b");
  }

  @Test
  void whereTheLatestWinsThereIsOne() {
    latest = true;
    put("a", null, values(), 2);
    put("b", null, values(), 2);
    assertBad("more than one value", "a", "b");
  }

  @Test
  void aWriteIsLaterThanWhatItsCoordinatorHeld() {
    latest = true;
    put("a", null, values("z"), 2);
    put("z", null, values(), 2);
    assertBad("earlier", "z");
  }

  // ---- quorums

  @Test
  void aQuorumSeesWhatAQuorumHolds() {
    strict = true;
    put("a", null, values(), 2);
    read(2);
    assertBad("not seen", "a");
  }

  @Test
  void fewerMayMissIt() {
    strict = true;
    put("a", null, values(), 1);
    read(2);
    assertGood("a");
  }

  @Test
  void withStandInsNothingIsPromised() {
    put("a", null, values(), 2);
    read(2);
    assertGood("a");
  }

  @Test
  void aQuorumDoesNotSeeWhatAQuorumHasDeleted() {
    strict = true;
    put("a", null, values(), 2);
    deleted(context("a"), values("a"), 2);
    read(2, "a");
    assertBad("not seen");
  }

  @Test
  void whatMayHaveBeenReplacedNeedNotBeSeen() {
    strict = true;
    put("a", null, values(), 2);
    unknown(Kind.PUT, "b", context("a"));
    read(2, "b");
    assertGood("b");
  }

  @Test
  void whereTheLatestWinsAQuorumSeesItOrALaterOne() {
    latest = true;
    strict = true;
    put("a", null, values(), 2);
    put("b", null, values(), 2);
    read(2, "a");
    assertBad("not seen", "b");
  }

  // ---- counters

  @Test
  void aSumIsWhatWasAddedAndPartsOfWhatIsUnknown() {
    added(3, Outcome.DONE);
    added(5, Outcome.UNKNOWN);
    added(7, Outcome.REFUSED);
    assertEquals(List.of(), judge(sum(3)));
    assertEquals(List.of(), judge(sum(8)));
    assertTrue(judge(sum(2)).getFirst().contains("the sum is 2"));
    assertTrue(judge(sum(10)).getFirst().contains("the sum is 10"));
  }

  private void assertGood(String... end) {
    assertEquals(List.of(), judge(values(end)));
  }

  private void assertBad(String what, String... end) {
    List<String> found = judge(values(end));
    assertTrue(found.stream().anyMatch(text -> text.contains(what)), found::toString);
  }

  private List<String> judge(Values end) {
    return KeyJudge.violations(
        new KeyHistory("0/key", latest, strict, 3, 5, damages, true, deeds, end));
  }

  private void put(String value, @Nullable Set<String> context, Values before, int copies) {
    add(Kind.PUT, Outcome.DONE, value, 0, context, before, values(value), copies);
  }

  private void deleted(@Nullable Set<String> context, Values before, int copies) {
    add(Kind.DELETE, Outcome.DONE, null, 0, context, before, values(), copies);
  }

  private void unknown(Kind kind, @Nullable String value, @Nullable Set<String> context) {
    add(kind, Outcome.UNKNOWN, value, 0, context, Values.NONE, Values.NONE, 0);
  }

  private void refused(String value, @Nullable Set<String> context) {
    add(Kind.PUT, Outcome.REFUSED, value, 0, context, Values.NONE, Values.NONE, 0);
  }

  private void read(int copies, String... shown) {
    add(Kind.READ, Outcome.DONE, null, 0, null, Values.NONE, values(shown), copies);
  }

  private void added(long delta, Outcome outcome) {
    add(Kind.ADD, outcome, null, delta, null, Values.NONE, Values.NONE, 2);
  }

  /// Each takes a second, the next begins a second later.
  private void add(
      Kind kind,
      Outcome outcome,
      @Nullable String value,
      long delta,
      @Nullable Set<String> context,
      Values before,
      Values after,
      int copies) {
    long start = deeds.size() * 2L;
    deeds.add(
        new Deed(
            1, kind, outcome, start, start + 1, value, delta, context, before, after, copies, 0,
            0));
  }

  private static Set<String> context(String... values) {
    return new TreeSet<>(Arrays.asList(values));
  }

  /// Values are as late as their letters.
  private static Values values(String... values) {
    var times = new TreeMap<String, Long>();
    long newest = 0;
    for (String value : values) {
      times.put(value, (long) value.charAt(0));
      newest = Math.max(newest, value.charAt(0));
    }
    return new Values(times, newest, 0, values.length, 0);
  }

  private static Values sum(long total) {
    return new Values(new TreeMap<>(), 0, total, 1, 0);
  }
}
