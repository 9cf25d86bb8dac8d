package dev.henge.data;

import static dev.henge.data.ScratchGroup.bytes;
import static dev.henge.data.ScratchGroup.text;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/// What of a watched key makes EXEC do nothing.
final class WatchTest {
  private static final String ABORTED = "nil";
  private static final String DONE = "[OK]";

  private final ScratchGroup group = new ScratchGroup();

  @Test
  void nothingHappened() {
    set(0, "k", Expiry.NONE);
    assertEquals(DONE, exec(group.watch(0, bytes("k"))));
    assertEquals(DONE, exec(group.watch(0, bytes("absent"))));
  }

  @Test
  void anotherKeyWasWritten() {
    var watch = group.watch(0, bytes("k"));
    set(0, "other", Expiry.NONE);
    set(1, "k", Expiry.NONE);
    assertEquals(DONE, exec(watch));
  }

  @Test
  void theKeyWasWritten() {
    var absent = group.watch(0, bytes("k"));
    set(0, "k", Expiry.NONE);
    assertEquals(ABORTED, exec(absent));
    var there = group.watch(0, bytes("k"));
    set(0, "k", Expiry.NONE);
    assertEquals(ABORTED, exec(there), "to the same value");
    there = group.watch(0, bytes("k"));
    group.apply(new Operation.Delete(List.of(bytes("k"))));
    assertEquals(ABORTED, exec(there));
    absent = group.watch(0, bytes("k"));
    set(0, "k", Expiry.NONE);
    group.apply(new Operation.Delete(List.of(bytes("k"))));
    assertEquals(DONE, exec(absent), "written and deleted: absent again");
    set(0, "k", Expiry.NONE);
    there = group.watch(0, bytes("k"));
    group.apply(new Operation.Delete(List.of(bytes("k"))));
    set(0, "k", Expiry.NONE);
    assertEquals(ABORTED, exec(there), "deleted and written");
  }

  @Test
  void theKeyExpired() {
    set(0, "k", new Expiry.In(10));
    var watch = group.watch(0, bytes("k"));
    group.now += 9;
    assertEquals(DONE, exec(watch));
    group.now += 1;
    assertEquals(ABORTED, exec(watch));
    assertEquals(DONE, exec(group.watch(0, bytes("k"))), "it was gone before");
  }

  @Test
  void theKeyWasFlushed() {
    set(0, "k", Expiry.NONE);
    var there = group.watch(0, bytes("k"));
    var absent = group.watch(0, bytes("absent"));
    group.apply(new Operation.Flush(false));
    assertEquals(ABORTED, exec(there));
    assertEquals(DONE, exec(absent));
  }

  @Test
  void theKeyCameBackAfterAFlush() {
    set(0, "k", Expiry.NONE);
    var there = group.watch(0, bytes("k"));
    group.apply(new Operation.Flush(true));
    set(0, "k", Expiry.NONE);
    assertEquals(ABORTED, exec(there));
  }

  @Test
  void theDatabasesWereSwapped() {
    set(0, "first", Expiry.NONE);
    set(1, "second", Expiry.NONE);
    var inOld = group.watch(0, bytes("first"));
    var inNew = group.watch(0, bytes("second"));
    var inNone = group.watch(0, bytes("none"));
    var elsewhere = group.watch(2, bytes("first"));
    group.apply(new Operation.SwapDatabases(0, 1));
    assertEquals(ABORTED, exec(inOld));
    assertEquals(ABORTED, exec(inNew));
    assertEquals(DONE, exec(inNone));
    assertEquals(DONE, exec(elsewhere));
  }

  @Test
  void oneOfManyWatchedKeysIsEnough() {
    var first = group.watch(0, bytes("first"));
    var second = group.watch(0, bytes("second"));
    set(0, "second", Expiry.NONE);
    assertEquals(ABORTED, exec(first, second));
  }

  private String exec(Operation.Watch... watches) {
    var step = new Operation.SetMany(List.of(bytes("result"), bytes("v")), false);
    var steps = List.of(new Operation.Step(3, step));
    return text(group.apply(new Operation.Transaction(steps, List.of(watches))));
  }

  private void set(int database, String key, Expiry expiry) {
    group.apply(
        database, new Operation.Set(bytes(key), bytes("v"), expiry, Condition.ALWAYS, false));
  }
}
