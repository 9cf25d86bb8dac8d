package dev.henge.data;

import static dev.henge.data.ScratchGroup.bytes;
import static dev.henge.data.ScratchGroup.string;
import static dev.henge.data.ScratchGroup.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.storage.Access;
import dev.henge.storage.Cursor;
import dev.henge.storage.EngineException;
import dev.henge.storage.LogMode;
import dev.henge.storage.NotInMemoryException;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Random operations, time moving on, against [NaiveRedis]; and what holds for all operations.
final class OperationsTest {
  private static final Scope.Limits SMALL = new Scope.Limits(20, 60, 0);

  @Test
  void everyAnswerIsThatOfTheNaiveRedis() {
    RandomTest.run("operations", 150, random -> compare(random, SMALL));
  }

  @Test
  void everyAnswerIsThatOfTheNaiveRedisWithADefaultTtl() {
    RandomTest.run(
        "operations with a default ttl",
        50,
        random -> compare(random, new Scope.Limits(20, 60, 150)));
  }

  private static void compare(Random random, Scope.Limits limits) {
    var group = new ScratchGroup();
    group.limits = limits;
    var naive = new NaiveRedis(limits);
    var operations = new RandomOperations(random);
    List<String> history = new ArrayList<>();
    for (int step = 0; step < 250; step++) {
      group.now += random.nextInt(20);
      group.seed = random.nextLong();
      long revision = group.engine.lastSequence() + 1;
      int database = operations.database();
      Operation operation = operations.next(group.now);
      history.add(database + ": " + describe(operation));
      String expected = naive.apply(database, operation, group.now, revision);
      assertEquals(
          expected, text(group.apply(database, operation)), () -> String.join("\n", history));
    }
    for (int database = 0; database < 3; database++) {
      var all = new Operation.Keys(bytes("*"));
      List<byte[]> keys = keys(group.apply(database, all));
      for (byte[] key : keys) {
        var get = new Operation.GetObject(key);
        assertEquals(
            naive.apply(database, get, group.now, 0),
            text(group.apply(database, get)),
            () -> String.join("\n", history));
      }
    }
  }

  /// A transaction leaves the bytes and gives the answers of its steps one at a time.
  @Test
  void aTransactionIsItsSteps() {
    RandomTest.run("transactions", 150, OperationsTest::compareTransaction);
  }

  private static void compareTransaction(Random random) {
    var together = new ScratchGroup();
    var single = new ScratchGroup();
    together.limits = SMALL;
    single.limits = SMALL;
    var operations = new RandomOperations(random);
    for (int round = 0; round < 12; round++) {
      together.now += random.nextInt(100);
      together.seed = random.nextLong();
      together.fixedRevision = 1 + random.nextInt(1000);
      List<Operation.Step> steps = new ArrayList<>();
      for (int i = random.nextInt(12); i >= 0; i--) {
        int database = operations.database();
        steps.add(new Operation.Step(database, walkOrNext(random, operations, together.now)));
      }
      List<String> answers = new ArrayList<>();
      single.now = together.now;
      single.seed = together.seed;
      single.fixedRevision = together.fixedRevision;
      for (Operation.Step step : steps) {
        answers.add(text(single.apply(step.database(), step.operation())));
        single.seed += Transactions.SEED_STEP;
      }
      Reply reply = together.apply(new Operation.Transaction(steps, List.of()));
      assertEquals("[" + String.join(", ", answers) + "]", text(reply));
      assertEquals(single.stored(), together.stored());
    }
  }

  private static Operation walkOrNext(Random random, RandomOperations operations, long now) {
    return switch (random.nextInt(12)) {
      case 0 -> new Operation.RandomKey();
      case 1 -> new Operation.Dump(operations.key());
      case 2 ->
          new Operation.Scan(
              new ScanPosition(random.nextInt(16384), operations.key()),
              null,
              new byte[0],
              random.nextInt(4),
              null);
      default -> operations.next(now);
    };
  }

  @Test
  void thePlainSetReadsNothing() {
    var group = new ScratchGroup();
    var batch = new WriteBatch();
    Reader blind = new FailingReader(group.engine.latest(Access.DISK), 0);
    for (Expiry expiry : List.of(Expiry.NONE, new Expiry.In(5), new Expiry.At(1))) {
      var set = new Operation.Set(bytes("k"), bytes("v"), expiry, Condition.ALWAYS, false);
      Operations.apply(set, group.scope(0), blind, batch);
    }
    assertEquals(3, batch.count());
  }

  /// Wherever a reader gives up, the batch is as it was, so that the operation can be tried again.
  @Test
  void aReaderThatGivesUpLeavesTheBatchEmpty() {
    RandomTest.run(
        "readers that give up",
        20,
        random -> {
          var group = new ScratchGroup();
          var operations = new RandomOperations(random);
          for (int step = 0; step < 200; step++) {
            Operation operation = operations.next(group.now);
            if (step % 10 == 0) {
              List<Operation.Step> steps = new ArrayList<>();
              for (int i = 0; i < 5; i++) {
                steps.add(new Operation.Step(-1, operations.next(group.now)));
              }
              operation = new Operation.Transaction(steps, List.of());
            }
            giveUpEverywhere(group, operation);
            group.apply(operation);
          }
        });
  }

  private static void giveUpEverywhere(ScratchGroup group, Operation operation) {
    for (int reads = 0; ; reads++) {
      var batch = new WriteBatch();
      try (Reader reader = new FailingReader(group.engine.latest(Access.DISK), reads)) {
        Operations.apply(operation, group.scope(0), reader, batch);
        return;
      } catch (NotInMemoryException gaveUp) {
        assertTrue(batch.isEmpty(), "something was written before all was read");
      }
    }
  }

  @Test
  void anObjectOfANewerVersionIsRefused() {
    var group = new ScratchGroup();
    byte[] newer = {9, 1, 0, 1};
    var batch = new WriteBatch().put(StoredKey.object(1, bytes("k")), newer);
    group.engine.append(batch, LogMode.SYNCED);
    var refusal =
        assertThrows(EngineException.class, () -> group.apply(new Operation.Get(bytes("k"))));
    assertTrue(String.valueOf(refusal.getMessage()).contains("layout 9"), refusal.getMessage());
  }

  private static List<byte[]> keys(Reply reply) {
    List<byte[]> keys = new ArrayList<>();
    for (Reply item : ((Reply.Many) reply).items()) {
      keys.add(((Reply.Bytes) item).bytes());
    }
    return keys;
  }

  private static String describe(Operation operation) {
    var text = new StringBuilder(operation.getClass().getSimpleName());
    for (var part : operation.getClass().getRecordComponents()) {
      try {
        Object value = part.getAccessor().invoke(operation);
        text.append(' ').append(value instanceof byte[] array ? Printable.of(array) : value);
        if (value instanceof List<?> list) {
          for (Object item : list) {
            text.append(item instanceof byte[] array ? "," + string(array) : "");
          }
        }
      } catch (ReflectiveOperationException impossible) {
        throw new AssertionError(impossible);
      }
    }
    return text.toString();
  }

  /// Gives up after a number of reads.
  private static final class FailingReader implements Reader {
    private final Reader reader;
    private int left;

    FailingReader(Reader reader, int reads) {
      this.reader = reader;
      this.left = reads;
    }

    @Override
    public long sequence() {
      return reader.sequence();
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
      count();
      return reader.get(key);
    }

    @Override
    public Cursor cursor() {
      count();
      return reader.cursor();
    }

    @Override
    public void close() {
      reader.close();
    }

    private void count() {
      if (left-- == 0) {
        throw NotInMemoryException.INSTANCE;
      }
    }
  }
}
