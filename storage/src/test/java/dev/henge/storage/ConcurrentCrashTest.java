package dev.henge.storage;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.system.SystemClock;
import dev.henge.base.system.SystemThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Power losses while real threads write together on a simulated disk: group commit, flush and
/// compaction as they meet in production. The threads make it unrepeatable; the disks that were
/// lost are kept and checked once all batches are known.
@NullMarked
class ConcurrentCrashTest {
  private static final int LOSSES = 60;
  private static final int WRITERS = 4;
  private static final int BATCHES = 1_500;
  private static final Path PARENT = Path.of("/data");
  private static final Path DIRECTORY = PARENT.resolve("engine");

  /// @param needed what was acknowledged before the disk was taken
  private record Loss(SimulatedDisk disk, long needed, long seed, DiskOperation at) {}

  private final Ledger ledger = new Ledger();
  private final AtomicLong acknowledgedSynced = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> uncaught = new AtomicReference<>();

  @Test
  void groupsOfBatchesAreAtomicAndDurable() throws Exception {
    long seed = Seeds.of("ConcurrentCrashTest", 1)[0];
    var random = new SplittableRandom(seed);
    EngineMaker maker = OptionSets.lsmSmall();
    var disk = new SimulatedDisk();
    disk.createDirectories(PARENT);
    disk.syncDirectory(Path.of("/"));
    List<Loss> losses = new ArrayList<>();
    List<byte[]> keys = History.random(seed, History.Profile.crash(1, false)).keys();
    try (var threads = new SystemThreads((thread, error) -> uncaught.compareAndSet(null, error))) {
      Engine engine = maker.open(DIRECTORY, disk, new SystemClock(), threads);
      disk.observe(
          new SimulatedDisk.Observer() {
            private int changes;

            @Override
            public synchronized void after(DiskOperation operation) {
              if (operation.kind().changesTheDisk()
                  && losses.size() < LOSSES
                  && changes++ % 7 == 0) {
                long needed = acknowledgedSynced.get();
                long crash = random.nextLong();
                losses.add(new Loss(disk.crash(crash), needed, crash, operation));
              }
            }
          });
      try (var pool = Executors.newCachedThreadPool()) {
        List<Future<Boolean>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
          var own = random.split();
          writers.add(pool.submit(() -> write(engine, keys, own)));
        }
        for (Future<Boolean> writer : writers) {
          writer.get();
        }
      } catch (ExecutionException e) {
        throw new AssertionError(e.getCause());
      }
      engine.close();
    }
    assertNull(uncaught.get());
    assertTrue(losses.size() >= LOSSES / 2, () -> "only " + losses.size() + " losses");
    var check = new RecoveryCheck(maker, UnaryOperator.identity(), keys);
    for (Loss loss : losses) {
      String context = "seed " + seed + ", loss " + loss.seed + " at " + loss.at;
      check.recoverAndGoOn(loss.disk, DIRECTORY, ledger, loss.needed, loss.seed, context);
    }
  }

  private boolean write(Engine engine, List<byte[]> keys, SplittableRandom random)
      throws IOException {
    for (int i = 0; i < BATCHES / WRITERS; i++) {
      var batch = new WriteBatch();
      for (int count = 1 + random.nextInt(4); count > 0; count--) {
        var value = new byte[random.nextInt(100)];
        random.nextBytes(value);
        batch.put(keys.get(random.nextInt(keys.size())), value);
      }
      LogMode mode = random.nextInt(3) == 0 ? LogMode.UNSYNCED : LogMode.SYNCED;
      long sequence = append(engine, batch, mode);
      engine.await(sequence);
      if (mode == LogMode.SYNCED) {
        acknowledgedSynced.accumulateAndGet(sequence, Math::max);
      }
    }
    return true;
  }

  private long append(Engine engine, WriteBatch batch, LogMode mode) throws IOException {
    while (true) {
      synchronized (ledger) {
        try {
          long sequence = engine.append(batch, mode);
          ledger.begin(batch, mode);
          return sequence;
        } catch (WriteRefusedException refused) {
          if (refused.reason() != WriteRefusedException.Reason.STALLED) {
            throw refused;
          }
        }
      }
      engine.awaitRoom();
    }
  }
}
