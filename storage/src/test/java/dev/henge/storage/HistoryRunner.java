package dev.henge.storage;

import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.NullMarked;

/// Runs a [History] on an engine and on the model side by side, on one thread and a simulated disk,
/// and compares every answer.
@NullMarked
final class HistoryRunner {
  private static final Path PARENT = Path.of("/data");
  private static final Path DIRECTORY = PARENT.resolve("engine");

  private record Snapshot(Reader expected, Reader actual) {}

  private final History history;
  private final EngineMaker maker;
  private final SimulatedDisk disk = new SimulatedDisk();
  private final SimulatedClock clock = new SimulatedClock();
  private final SimulatedThreads threads = new SimulatedThreads(clock);
  private final SplittableRandom random;
  private final ModelEngine model = new ModelEngine();

  /// The model after each batch that a reader may still show.
  private final NavigableMap<Long, Reader> states = new TreeMap<>();

  private final List<Snapshot> snapshots = new ArrayList<>();
  private Engine engine;
  private long acknowledged;
  private int checkpointCount;
  private Comparison comparison = new Comparison("");

  HistoryRunner(History history, EngineMaker maker) throws IOException {
    this.history = history;
    this.maker = maker;
    this.random = new SplittableRandom(history.seed() ^ 0x5eed);
    this.engine = open(DIRECTORY);
    states.put(0L, model.snapshot());
  }

  /// @throws AssertionError that tells the step, the options and how to repeat it
  void run() {
    for (int i = 0; i < history.steps().size(); i++) {
      History.Step step = history.steps().get(i);
      String context =
          "-Dseed=%d, step %d %s, options %s".formatted(history.seed(), i, brief(step), maker);
      comparison = new Comparison(context);
      try {
        run(step);
      } catch (IOException | RuntimeException e) {
        throw new AssertionError(context, e);
      }
    }
    try {
      compareAll();
      closeEngine();
    } catch (IOException | RuntimeException e) {
      throw new AssertionError("-Dseed=" + history.seed() + ", at the end, options " + maker, e);
    }
  }

  private void run(History.Step step) throws IOException {
    switch (step) {
      case History.Write write -> write(write);
      case History.Await() -> await();
      case History.Get(byte[] key) -> get(key);
      case History.Walk(var moves) -> {
        try (Reader actual = reader()) {
          comparison.walk(stateOf(actual), actual, moves);
        }
      }
      case History.OpenSnapshot() -> {
        if (snapshots.size() < 5) {
          Reader actual = engine.snapshot();
          snapshots.add(new Snapshot(stateOf(actual), actual));
        }
      }
      case History.WalkSnapshot(int which, var moves) -> {
        if (!snapshots.isEmpty()) {
          Snapshot snapshot = snapshots.get(which % snapshots.size());
          comparison.walk(snapshot.expected, snapshot.actual, moves);
          comparison.same(snapshot.expected, snapshot.actual, history.keys().get(which % 50));
        }
      }
      case History.CloseSnapshot(int which) -> {
        if (!snapshots.isEmpty()) {
          Snapshot closed = snapshots.remove(which % snapshots.size());
          comparison.same(closed.expected, closed.actual, history.keys());
          closed.actual.close();
        }
      }
      case History.SyncLog() -> {
        long last = engine.lastSequence();
        engine.syncLog();
        if (history.logged()) {
          atLeast("durable after syncLog", last, engine.durableSequence());
        }
      }
      case History.Flush() -> {
        long last = engine.lastSequence();
        threads.promptly(engine::flush);
        atLeast("flushed after flush", last, engine.flushedSequence());
      }
      case History.Compact() -> threads.promptly(engine::compact);
      case History.Reopen() -> reopen();
      case History.Checkpoint() -> checkpoint();
      case History.Background(int tasks) -> {
        threads.run(tasks);
        if (tasks % 3 == 0) {
          threads.advance(Duration.ofSeconds(1));
        }
      }
    }
  }

  private void write(History.Write write) throws IOException {
    long sequence = PatientAppend.append(engine, threads, write.batch(), write.mode());
    model.append(write.batch(), write.mode());
    comparison.failUnless(
        sequence == model.lastSequence(), "sequence", model.lastSequence(), sequence);
    states.put(sequence, model.snapshot());
    if (write.awaited()) {
      await();
    }
    long needed = Math.min(acknowledged, engine.visibleSequence());
    Long oldest = states.floorKey(needed);
    if (oldest != null) {
      states.headMap(oldest).clear();
    }
  }

  private void await() throws IOException {
    long last = engine.lastSequence();
    engine.await(last);
    acknowledged = last;
    atLeast("visible after await", last, engine.visibleSequence());
  }

  private void get(byte[] key) {
    try (Reader actual = reader()) {
      comparison.same(stateOf(actual), actual, key);
    }
    try (Reader actual = engine.reader(engine.lastSequence(), Access.MEMORY)) {
      comparison.failUnless(
          actual.sequence() == model.lastSequence(),
          "reader of all that was written",
          model.lastSequence(),
          actual.sequence());
      comparison.same(stateOf(actual), actual, key);
    } catch (NotInMemoryException fine) {
      // the answer is on the disk
    }
  }

  private Reader reader() {
    return switch (random.nextInt(3)) {
      case 0 -> engine.latest(Access.DISK);
      case 1 -> engine.reader(engine.lastSequence(), Access.DISK);
      default -> engine.reader(0, Access.DISK);
    };
  }

  private Reader stateOf(Reader actual) {
    Reader state = states.get(actual.sequence());
    if (state == null || actual.sequence() < acknowledged) {
      throw comparison.failure(
          "state of a reader", "the end of a batch, from " + acknowledged, "" + actual.sequence());
    }
    return state;
  }

  private void reopen() throws IOException {
    if (!maker.keepsData()) {
      return;
    }
    if (!history.logged()) {
      threads.promptly(engine::flush);
    }
    closeEngine();
    engine = open(DIRECTORY);
    comparison.failUnless(
        engine.lastSequence() == model.lastSequence(),
        "last sequence after reopening",
        model.lastSequence(),
        engine.lastSequence());
    acknowledged = engine.lastSequence();
    compareAll();
  }

  private void checkpoint() throws IOException {
    if (!maker.keepsData()) {
      return;
    }
    Path copy = PARENT.resolve("copy-" + checkpointCount++);
    threads.promptly(() -> engine.checkpoint(copy));
    try (Engine opened = open(copy);
        Reader actual = opened.reader(0, Access.DISK)) {
      comparison.same(stateOf(actual), actual, history.keys());
    }
  }

  private void compareAll() {
    try (Reader actual = engine.latest(Access.DISK)) {
      comparison.same(stateOf(actual), actual, history.keys());
    }
  }

  private void closeEngine() throws IOException {
    for (Snapshot snapshot : snapshots) {
      comparison.same(snapshot.expected, snapshot.actual, history.keys());
      snapshot.actual.close();
    }
    snapshots.clear();
    threads.promptly(engine::close);
    comparison.failUnless(
        disk.openFiles().isEmpty(), "open files after close", "none", disk.openFiles());
    comparison.failUnless(
        threads.waitingCount() == 0, "tasks after close", 0, threads.waitingCount());
  }

  private Engine open(Path directory) throws IOException {
    disk.createDirectories(PARENT);
    return threads.promptly(() -> maker.open(directory, disk, clock, threads));
  }

  private void atLeast(String what, long wanted, long found) {
    comparison.failUnless(found >= wanted, what, "at least " + wanted, found);
  }

  private static String brief(History.Step step) {
    String text = step.toString();
    return text.length() > 200 ? text.substring(0, 200) + "..." : text;
  }
}
