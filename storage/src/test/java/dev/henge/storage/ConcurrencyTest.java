package dev.henge.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.system.SystemClock;
import dev.henge.base.system.SystemDisk;
import dev.henge.base.system.SystemThreads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real threads on a real disk: readers see whole batches and one state each while memtables are
/// flushed and tables compacted under them.
@NullMarked
class ConcurrencyTest {
  private static final int ACCOUNTS = 200;
  private static final long OPENING_BALANCE = 1_000;
  private static final byte[] LAST = bytes("zz-last");

  @TempDir Path directory;

  private final AtomicReference<@Nullable Throwable> uncaught = new AtomicReference<>();
  private final Set<Long> acknowledgedTransfers = ConcurrentHashMap.newKeySet();

  @Test
  void readersSeeOneStateDuringFlushAndCompaction() throws Exception {
    Set<String> before = threadNames();
    try (var threads = new SystemThreads((thread, error) -> uncaught.compareAndSet(null, error))) {
      Engine engine = open(threads);
      openAccounts(engine);
      var writing = new AtomicBoolean(true);
      var lock = new Object();
      try (var pool = Executors.newCachedThreadPool()) {
        List<Future<?>> writers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          int number = i;
          writers.add(pool.submit(task(() -> transfer(engine, lock, number, 3_000))));
        }
        List<Future<?>> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          readers.add(pool.submit(task(() -> watchTotals(engine, writing))));
        }
        readers.add(pool.submit(task(() -> watchSnapshots(engine, writing))));
        readers.add(pool.submit(task(() -> flushAndCompact(engine, writing))));
        await(writers);
        writing.set(false);
        await(readers);
      }
      EngineStatistics statistics = engine.statistics();
      assertTrue(statistics.flushCount() > 5, () -> "too few flushes: " + statistics);
      assertTrue(statistics.compactionCount() > 5, () -> "too few compactions: " + statistics);
      engine.close();
      try (Engine again = open(threads)) {
        assertTotals(again);
        for (long number : acknowledgedTransfers) {
          assertTrue(again.get(transferKey(number)) != null, "transfer " + number + " is lost");
        }
      }
    }
    assertNull(uncaught.get());
    assertEquals(before, threadNames(), "threads left");
  }

  @Test
  void closingUnderLoadEndsWritersAndKeepsWhatWasAcknowledged() throws Exception {
    for (int round = 0; round < 5; round++) {
      Path home = directory.resolve("round-" + round);
      try (var threads =
          new SystemThreads((thread, error) -> uncaught.compareAndSet(null, error))) {
        acknowledgedTransfers.clear();
        Engine engine = open(threads, home);
        openAccounts(engine);
        var lock = new Object();
        var begun = new CountDownLatch(4 * 50);
        try (var pool = Executors.newCachedThreadPool()) {
          List<Future<?>> writers = new ArrayList<>();
          for (int i = 0; i < 4; i++) {
            int number = i;
            writers.add(pool.submit(task(() -> transferUntilClosed(engine, lock, number, begun))));
          }
          begun.await();
          engine.close();
          await(writers);
        }
        try (Engine again = open(threads, home)) {
          assertTotals(again);
          for (long number : acknowledgedTransfers) {
            assertTrue(again.get(transferKey(number)) != null, "transfer " + number + " is lost");
          }
        }
      }
    }
    assertNull(uncaught.get());
  }

  private Engine open(SystemThreads threads) throws IOException {
    return open(threads, directory.resolve("engine"));
  }

  private static Engine open(SystemThreads threads, Path home) throws IOException {
    EngineMaker maker = OptionSets.lsmSmall();
    return maker.open(home, new SystemDisk(), new SystemClock(), threads);
  }

  private static void openAccounts(Engine engine) throws IOException {
    var batch = new WriteBatch();
    for (int i = 0; i < ACCOUNTS; i++) {
      batch.put(account(i), number(OPENING_BALANCE));
    }
    batch.put(LAST, number(engine.lastSequence() + ACCOUNTS + 1));
    engine.write(batch, LogMode.SYNCED);
  }

  private void transferUntilClosed(Engine engine, Object lock, int writer, CountDownLatch begun)
      throws IOException {
    try {
      for (int i = 0; ; i++) {
        transferOnce(engine, lock, new Random(writer * 7919L + i), writer * 1_000_000L + i);
        begun.countDown();
      }
    } catch (WriteRefusedException closed) {
      assertEquals(WriteRefusedException.Reason.STOPPED, closed.reason());
    } catch (EngineException closed) {
      assertEquals("the engine is closed", String.valueOf(closed.getMessage()));
    }
  }

  private void transfer(Engine engine, Object lock, int writer, int count) throws IOException {
    var random = new Random(writer);
    for (int i = 0; i < count; i++) {
      transferOnce(engine, lock, random, writer * 1_000_000L + i);
    }
  }

  /// Moves money between two accounts in one batch, whose last operation is its own sequence
  /// number.
  private void transferOnce(Engine engine, Object lock, Random random, long number)
      throws IOException {
    LogMode mode = random.nextInt(20) == 0 ? LogMode.SYNCED : LogMode.UNSYNCED;
    while (true) {
      try {
        long sequence;
        synchronized (lock) {
          int from = random.nextInt(ACCOUNTS);
          int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
          long amount = random.nextInt(50);
          var batch = new WriteBatch();
          try (Reader latest = engine.latest(Access.DISK)) {
            batch.put(account(from), number(balance(latest, from) - amount));
            batch.put(transferKey(number), new byte[random.nextInt(60)]);
            batch.put(account(to), number(balance(latest, to) + amount));
          }
          batch.put(LAST, number(engine.lastSequence() + 4));
          sequence = engine.append(batch, mode);
        }
        engine.await(sequence);
        acknowledgedTransfers.add(number);
        try (Reader own = engine.reader(sequence, Access.DISK)) {
          assertTrue(own.get(transferKey(number)) != null, "a writer does not see its own write");
        }
        return;
      } catch (WriteRefusedException refused) {
        if (refused.reason() != WriteRefusedException.Reason.STALLED) {
          throw refused;
        }
        engine.awaitRoom();
      }
    }
  }

  private void watchTotals(Engine engine, AtomicBoolean writing) {
    long last = 0;
    while (writing.get()) {
      try (Reader reader = engine.reader(0, Access.DISK)) {
        assertTrue(reader.sequence() >= last, "what is visible went back");
        last = reader.sequence();
        assertEquals(last, read(reader.get(LAST)), "a reader's number and what it shows");
        long total = 0;
        for (int i = 0; i < ACCOUNTS; i++) {
          total += balance(reader, i);
        }
        assertEquals(ACCOUNTS * OPENING_BALANCE, total, "by gets");
        assertEquals(ACCOUNTS * OPENING_BALANCE, scan(reader), "by cursor");
      }
    }
  }

  private void watchSnapshots(Engine engine, AtomicBoolean writing) {
    while (writing.get()) {
      try (Reader snapshot = engine.snapshot()) {
        long sequence = read(snapshot.get(LAST));
        assertEquals(snapshot.sequence(), sequence);
        for (int i = 0; i < 20; i++) {
          assertEquals(ACCOUNTS * OPENING_BALANCE, scan(snapshot), "by an old snapshot");
          assertEquals(sequence, read(snapshot.get(LAST)));
        }
      }
    }
  }

  private static void flushAndCompact(Engine engine, AtomicBoolean writing) throws IOException {
    while (writing.get()) {
      engine.flush();
      engine.compact();
      engine.syncLog();
      engine.statistics();
    }
  }

  private static void assertTotals(Engine engine) {
    try (Reader reader = engine.reader(0, Access.DISK)) {
      assertEquals(ACCOUNTS * OPENING_BALANCE, scan(reader));
      assertEquals(reader.sequence(), read(reader.get(LAST)));
    }
  }

  private static long scan(Reader reader) {
    long total = 0;
    int count = 0;
    try (Cursor cursor = reader.cursor()) {
      for (cursor.seek(bytes("account-")); cursor.valid(); cursor.next()) {
        if (!new String(cursor.key(), StandardCharsets.UTF_8).startsWith("account-")) {
          break;
        }
        total += read(cursor.value());
        count++;
      }
    }
    assertEquals(ACCOUNTS, count);
    return total;
  }

  private static long balance(Reader reader, int account) {
    return read(reader.get(account(account)));
  }

  private static byte[] account(int number) {
    return bytes("account-%04d".formatted(number));
  }

  private static byte[] transferKey(long number) {
    return bytes("transfer-" + number);
  }

  private static byte[] number(long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  private static long read(byte @Nullable [] value) {
    if (value == null) {
      throw new AssertionError("a key that is always there is missing");
    }
    return ByteBuffer.wrap(value).getLong();
  }

  private interface Work {
    void run() throws Exception;
  }

  private static Callable<Boolean> task(Work work) {
    return () -> {
      work.run();
      return true;
    };
  }

  private static void await(List<Future<?>> tasks) throws InterruptedException {
    for (Future<?> task : tasks) {
      try {
        task.get();
      } catch (ExecutionException e) {
        throw new AssertionError(e.getCause());
      }
    }
  }

  private static Set<String> threadNames() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("henge") || name.startsWith("timer"))
        .collect(Collectors.toSet());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
