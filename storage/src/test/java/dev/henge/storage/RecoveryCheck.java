package dev.henge.storage;

import dev.henge.base.Disk;
import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// Opens what a crash left and compares it with what was written.
///
/// @param wrapper put between the disk and the engine; the identity unless a bug is planted
@NullMarked
record RecoveryCheck(EngineMaker maker, UnaryOperator<Disk> wrapper, List<byte[]> keys) {
  /// Loses the power once at this many changes into recovery, at most.
  private static final int RECOVERY_CHANGES_MAX = 12;

  /// An engine on one thread of its own.
  private final class Opened implements AutoCloseable {
    final SimulatedThreads threads;
    final Engine engine;

    Opened(SimulatedDisk disk, Path directory) throws IOException {
      var clock = new SimulatedClock();
      threads = new SimulatedThreads(clock);
      engine = threads.promptly(() -> maker.open(directory, wrapper.apply(disk), clock, threads));
    }

    @Override
    public void close() throws IOException {
      threads.promptly(engine::close);
    }
  }

  /// What is found is the state after a whole batch, `needed` or later. Then the power is lost
  /// again: during recovery, and after more writes.
  void recoverAndGoOn(
      SimulatedDisk found, Path directory, Ledger ledger, long needed, long seed, String context)
      throws IOException {
    List<WriteBatch> batches = ledger.batches();
    var random = new SplittableRandom(seed);
    var loss = new LossDuringRecovery(found, random.nextInt(RECOVERY_CHANGES_MAX), seed);
    found.observe(loss);
    List<WriteBatch> extended;
    SimulatedDisk again;
    try (var opened = new Opened(found, directory)) {
      found.observe(new SimulatedDisk.Observer() {});
      int count = compare(opened.engine, batches, needed, context);
      extended = new ArrayList<>(batches.subList(0, count));
      for (int i = 0; i < 2; i++) {
        WriteBatch more = more(random);
        extended.add(more);
        opened.engine.await(
            PatientAppend.append(opened.engine, opened.threads, more, LogMode.SYNCED));
      }
      compare(opened.engine, extended, lastOf(extended), context + ", going on");
      again = found.crash(seed);
    }
    exactly(again, directory, extended, lastOf(extended), context + ", going on, loss " + seed);
    if (loss.found != null) {
      SimulatedDisk left = loss.found;
      try (var opened = new Opened(left, directory)) {
        compare(
            opened.engine, batches, ledger.durable(), context + ", loss during recovery " + seed);
      }
    }
  }

  /// What is found is the state at `sequence`.
  void exactly(
      SimulatedDisk found, Path directory, List<WriteBatch> batches, long sequence, String context)
      throws IOException {
    try (var opened = new Opened(found, directory)) {
      new Comparison(context)
          .failUnless(
              opened.engine.lastSequence() == sequence,
              "last sequence",
              sequence,
              opened.engine.lastSequence());
      compare(opened.engine, batches, sequence, context);
    }
  }

  /// @return how many batches the engine holds
  private int compare(Engine engine, List<WriteBatch> batches, long needed, String context) {
    var comparison = new Comparison(context);
    long last = engine.lastSequence();
    comparison.failUnless(last >= needed, "last sequence", "at least " + needed, last);
    comparison.failUnless(
        engine.visibleSequence() == last, "visible sequence", last, engine.visibleSequence());
    var model = new ModelEngine();
    int count = 0;
    while (model.lastSequence() < last && count < batches.size()) {
      model.append(batches.get(count++), LogMode.SYNCED);
    }
    comparison.failUnless(
        model.lastSequence() == last, "last sequence", "the end of a batch", last);
    try (Reader expected = model.snapshot();
        Reader actual = engine.reader(0, Access.DISK)) {
      comparison.same(expected, actual, keys);
    }
    return count;
  }

  private WriteBatch more(SplittableRandom random) {
    var batch = new WriteBatch();
    for (int i = 0; i < 3; i++) {
      byte[] key = keys.get(random.nextInt(keys.size()));
      batch.put(key, ("after the crash " + random.nextInt()).getBytes(StandardCharsets.UTF_8));
    }
    return batch;
  }

  private static long lastOf(List<WriteBatch> batches) {
    return batches.stream().mapToLong(WriteBatch::count).sum();
  }

  /// Takes what a power loss would leave at one change that recovery makes.
  private static final class LossDuringRecovery implements SimulatedDisk.Observer {
    private final SimulatedDisk disk;
    private final long seed;
    private int changesLeft;
    @Nullable SimulatedDisk found;

    LossDuringRecovery(SimulatedDisk disk, int changes, long seed) {
      this.disk = disk;
      this.seed = seed;
      this.changesLeft = changes;
    }

    @Override
    public void after(DiskOperation operation) {
      if (operation.kind().changesTheDisk() && changesLeft-- == 0) {
        found = disk.crash(seed + 1);
      }
    }
  }
}
