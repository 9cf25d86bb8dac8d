package dev.henge.server.eventual;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Clock;
import dev.henge.data.Condition;
import dev.henge.data.Expiry;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.replication.quorum.Level;
import dev.henge.replication.replica.KeyspaceReplica;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What clients may rely on, over copies that really merge.
class EventualClientTest {
  private static final byte[] KEY = "cart".getBytes(UTF_8);

  private final FixedClock clock = new FixedClock();
  private final MemoryKeyspaces copies = new MemoryKeyspaces(clock, false);
  private Reply.@Nullable Failure removed;
  private final EventualClient client = new EventualClient(copies, () -> removed, clock);

  @Test
  void writersThatReadTheSameStandBesideEachOtherUntilOneMerges() {
    String nothing = read().context();
    put("left", nothing);
    put("right", nothing);
    KeyAnswer.Seen both = read();
    assertEquals(Set.of("left", "right"), values(both));
    KeyAnswer.Done merged = put("both", both.context());
    assertTrue(merged.replaced());
    assertEquals(Set.of("both"), values(read()));
    assertEquals(merged.tag(), read().tag());
    assertNotEquals(both.tag(), merged.tag());
  }

  /// A writer's context from its own answer covers what it wrote, and no sibling that it never
  /// read.
  @Test
  void aWriterThatGoesOnWithItsOwnContextHidesNobodysValue() {
    String nothing = read().context();
    put("others", nothing);
    KeyAnswer.Done mine = put("mine", nothing);
    put("mine again", mine.context());
    assertTrue(values(read()).contains("others"), values(read()).toString());
    String own = "";
    for (int i = 0; i < 3; i++) {
      own = put("alone" + i, i == 0 ? read().context() : own).context();
    }
    assertEquals(Set.of("alone2"), values(read()));
  }

  @Test
  void aDeletionRemovesWhatItsContextHasSeenAndNothingElse() {
    KeyAnswer.Done first = put("first", null);
    put("second", read().context());
    assertInstanceOf(KeyAnswer.Done.class, delete(first.context()));
    assertEquals(Set.of("second"), values(read()));
    KeyAnswer.Done deleted = assertInstanceOf(KeyAnswer.Done.class, delete(null));
    assertTrue(deleted.replaced());
    assertEquals("", deleted.tag());
    assertEquals(Set.of(), values(read()));
  }

  @Test
  void siblingsAreBoundedByNumberAndByBytes() {
    String nothing = read().context();
    for (int i = 0; i < KeyspaceReplica.SIBLINGS_MAX; i++) {
      put("value " + i, nothing);
    }
    assertEquals(EventualFailures.TOO_MANY_SIBLINGS, failure("one more", nothing).code());
    assertEquals(KeyspaceReplica.SIBLINGS_MAX, values(read()).size());
    long warned = KeyspaceReplica.SIBLINGS_MAX - KeyspaceReplica.SIBLINGS_WARNING + 1;
    assertEquals(warned, client.siblingWarningCount());
    put("merged", read().context());

    String large = "x".repeat(KeyspaceReplica.SIBLING_BYTES_MAX - 100);
    put(large, read().context());
    assertEquals(EventualFailures.TOO_MANY_SIBLINGS, failure("y".repeat(200), nothing).code());
    assertEquals(Set.of(large), values(read()));
  }

  @Test
  void contextsOfOtherKeysAreRefused() {
    KeyAnswer.Done done = put("value", null);
    var answer = new AtomicReference<KeyAnswer>();
    byte[] other = "other".getBytes(UTF_8);
    client.put(other, KEY, done.context(), Expiry.NONE, asking(null, null), answer::set);
    assertEquals(EventualFailures.BAD_CONTEXT, failed(answer.get()).code());
    client.delete(other, done.context(), asking(null, null), answer::set);
    assertEquals(EventualFailures.BAD_CONTEXT, failed(answer.get()).code());
    client.put(KEY, KEY, "x".repeat(200_000), Expiry.NONE, asking(null, null), answer::set);
    assertEquals(EventualFailures.BAD_CONTEXT, failed(answer.get()).code());
  }

  @Test
  void levelsThatCanNeverBeMetAndKeyspacesThatAreNotThereAreNamed() {
    var answer = new AtomicReference<KeyAnswer>();
    client.read(KEY, asking(Level.of(4), null), answer::set);
    assertTrue(failed(answer.get()).message().contains("3 copies"));
    client.put(KEY, KEY, null, Expiry.NONE, asking(null, Level.of(9)), answer::set);
    assertTrue(failed(answer.get()).message().contains("3 copies"));
    var nowhere = new Asking("gone", 77, Scope.Limits.DEFAULT, null, null, 1000);
    client.read(KEY, nowhere, answer::set);
    assertEquals("UNAVAILABLE", failed(answer.get()).code());
    var reply = new AtomicReference<Reply>();
    client.evaluate(new Operation.Get(KEY), nowhere, reply::set);
    assertEquals(EventualFailures.NOT_HERE, reply.get());
  }

  @Test
  void aNodeThatServesNothingSaysWhy() {
    put("value", null);
    removed = new Reply.Failure("REMOVED", "from its cluster");
    assertEquals(removed, failure("more", ""));
    assertEquals(removed, evaluate(new Operation.Get(KEY)));
  }

  @Test
  void whatIsTooLongIsRefusedBeforeAnybodyIsAsked() {
    var limits = new Scope.Limits(10, 20, 0);
    var asking = new Asking("carts", MemoryKeyspaces.KEYSPACE, limits, null, null, 1000);
    var answer = new AtomicReference<KeyAnswer>();
    client.put(KEY, new byte[21], null, Expiry.NONE, asking, answer::set);
    assertEquals(
        "value of 21 bytes is longer than the limit of 20", failed(answer.get()).message());
    client.put(new byte[11], KEY, null, Expiry.NONE, asking, answer::set);
    assertEquals("key of 11 bytes is longer than the limit of 10", failed(answer.get()).message());
    var reply = new AtomicReference<Reply>();
    client.evaluate(new Operation.SetMany(List.of(KEY, new byte[21]), false), asking, reply::set);
    assertInstanceOf(Reply.Failure.class, reply.get());
    assertEquals(Set.of(), values(read()));
  }

  /// The documented price of a counter without coordination: a deletion that does not know of an
  /// increment leaves all that the incrementing replica had ever added.
  @Test
  void aDeletionConcurrentWithAnIncrementLeavesThatReplicasWholeSum() {
    add(10);
    copies.coordinator(1);
    add(5);
    copies.apart();
    evaluate(new Operation.Delete(List.of(KEY)));
    copies.coordinator(0);
    add(1);
    copies.together();
    assertEquals(Set.of("11"), values(read()));
  }

  @Test
  void incrementsOfCopiesThatDoNotKnowEachOtherAllCount() {
    copies.apart();
    long total = 0;
    for (int i = 0; i < 30; i++) {
      copies.coordinator(i % 3);
      add(i);
      total += i;
    }
    copies.together();
    assertEquals(Set.of(Long.toString(total)), values(read()));
    assertEquals(new Reply.Word("counter"), evaluate(new Operation.TypeOf(KEY)));
  }

  @Test
  void theLatestWinsWhereTheKeyspaceSaysSo() {
    var latest = new MemoryKeyspaces(clock, true);
    var latestClient = new EventualClient(latest, () -> null, clock);
    latest.apart();
    var reply = new AtomicReference<Reply>();
    for (int i = 0; i < 3; i++) {
      latest.coordinator(i);
      clock.wallMillis += 10;
      latestClient.evaluate(set("value " + i), asking(null, null), reply::set);
    }
    latest.together();
    latestClient.evaluate(new Operation.Get(KEY), asking(null, null), reply::set);
    assertEquals(new Reply.Bytes("value 2".getBytes(UTF_8)), reply.get());
  }

  @Test
  void requestsForManyKeysAskSomeAtATime() {
    List<byte[]> keys =
        IntStream.range(0, 1000).mapToObj(i -> ("key " + i).getBytes(UTF_8)).toList();
    List<byte[]> pairs = new ArrayList<>();
    keys.forEach(key -> pairs.addAll(List.of(key, key)));
    copies.hold();
    var reply = new AtomicReference<Reply>();
    client.evaluate(new Operation.SetMany(pairs, false), asking(null, null), reply::set);
    int most = 0;
    while (copies.heldCount() > 0) {
      most = Math.max(most, copies.heldCount());
      copies.release(copies.heldCount() / 2);
    }
    assertEquals(Reply.OK, reply.get());
    assertEquals(128, most);
    client.evaluate(new Operation.GetMany(keys), asking(null, null), reply::set);
    while (copies.heldCount() > 0) {
      copies.release(copies.heldCount() - 1);
    }
    List<Reply> values = keys.stream().map(key -> (Reply) new Reply.Bytes(key)).toList();
    assertEquals(new Reply.Many(values), reply.get());
  }

  @Test
  void ofSeveralKeysItIsSaidWhenOnlySomeAreDone() {
    copies.hold();
    var reply = new AtomicReference<Reply>();
    client.evaluate(
        new Operation.SetMany(List.of(KEY, KEY, new byte[] {1}, KEY), false),
        asking(null, null),
        reply::set);
    copies.release(0);
    copies.reached(0);
    copies.release(0);
    Reply.Failure partly = assertInstanceOf(Reply.Failure.class, reply.get());
    assertEquals("UNKNOWN", partly.code());
    assertTrue(partly.message().startsWith("1 of 2 keys are done"), partly.message());
  }

  private static Operation.Set set(String value) {
    return new Operation.Set(KEY, value.getBytes(UTF_8), Expiry.NONE, Condition.ALWAYS, false);
  }

  private void add(long delta) {
    assertInstanceOf(Reply.Number.class, evaluate(new Operation.Increment(KEY, delta, delta < 0)));
  }

  private Reply evaluate(Operation operation) {
    var reply = new AtomicReference<Reply>();
    client.evaluate(operation, asking(null, null), reply::set);
    return reply.get();
  }

  private KeyAnswer.Seen read() {
    var answer = new AtomicReference<KeyAnswer>();
    client.read(KEY, asking(null, null), answer::set);
    return assertInstanceOf(KeyAnswer.Seen.class, answer.get());
  }

  private KeyAnswer.Done put(String value, @Nullable String context) {
    var answer = new AtomicReference<KeyAnswer>();
    client.put(KEY, value.getBytes(UTF_8), context, Expiry.NONE, asking(null, null), answer::set);
    return assertInstanceOf(KeyAnswer.Done.class, answer.get());
  }

  private Reply.Failure failure(String value, String context) {
    var answer = new AtomicReference<KeyAnswer>();
    client.put(KEY, value.getBytes(UTF_8), context, Expiry.NONE, asking(null, null), answer::set);
    return failed(answer.get());
  }

  private KeyAnswer delete(@Nullable String context) {
    var answer = new AtomicReference<KeyAnswer>();
    client.delete(KEY, context, asking(null, null), answer::set);
    return answer.get();
  }

  private static Reply.Failure failed(KeyAnswer answer) {
    return assertInstanceOf(KeyAnswer.Failed.class, answer).why();
  }

  private static Set<String> values(KeyAnswer.Seen seen) {
    var values = new TreeSet<String>();
    seen.live().values().forEach(value -> values.add(new String(value.bytes(), UTF_8)));
    return values;
  }

  private static Asking asking(@Nullable Level read, @Nullable Level write) {
    var limits = new Scope.Limits(1000, 2 << 20, 0);
    return new Asking("carts", MemoryKeyspaces.KEYSPACE, limits, read, write, 1000);
  }

  private static final class FixedClock implements Clock {
    long wallMillis = 1_735_689_600_000L;

    @Override
    public long wallMillis() {
      return wallMillis;
    }

    @Override
    public long monotonicNanos() {
      return 0;
    }
  }
}
