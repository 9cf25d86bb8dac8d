package dev.henge.replication.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.henge.base.Slots;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.replication.causality.Dot;
import dev.henge.replication.causality.HybridClock;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.hashtree.HashTree;
import dev.henge.replication.hashtree.SlotLeaves;
import dev.henge.replication.hashtree.TreeCheck;
import dev.henge.storage.Access;
import dev.henge.storage.LogMode;
import dev.henge.storage.Reader;
import dev.henge.storage.lsm.LsmEngine;
import dev.henge.storage.lsm.LsmOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// After any history and any crash, the tree that is stored is the one that the data has.
final class TreeModelTest {
  private static final int KEYSPACE = 1024;
  private static final int LIVES = 4;
  private static final int STEPS = 150;

  private final SimulatedClock clock = new SimulatedClock();
  private long foreignCount;

  static long[] seeds() {
    return Seeds.of("TreeModelTest", 12);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void theTreeIsWhatTheDataIs(long seed) throws Exception {
    var random = new SeededRandomness(seed);
    boolean latestWins = random.chance(30);
    LogMode mode = random.oneOf(List.of(LogMode.SYNCED, LogMode.UNSYNCED, LogMode.NONE));
    SimulatedDisk disk = new SimulatedDisk();
    for (int life = 0; life < LIVES; life++) {
      var threads = new SimulatedThreads(clock);
      LsmEngine engine = open(disk, threads);
      check(engine, "when opened");
      var replica =
          new KeyspaceReplica(
              engine,
              new KeyspaceReplica.Options(KEYSPACE, latestWins, mode),
              new Dots(1, life),
              new HybridClock(clock, 60_000),
              clock);
      Versions other = Versions.NONE;
      for (int step = 0; step < STEPS; step++) {
        byte[] key = bytes("key" + random.nextInt(20));
        other = step(replica, key, other, random, 100 + life);
        if (random.chance(10)) {
          threads.run(random.nextInt(4));
        }
        if (random.chance(2)) {
          threads.promptly(engine::flush);
        }
      }
      check(engine, "after " + STEPS + " writes");
      sums(replica, engine);
      if (random.chance(30)) {
        threads.promptly(engine::close);
      } else {
        disk = disk.crash(random.nextLong());
      }
    }
    var threads = new SimulatedThreads(clock);
    LsmEngine engine = open(disk, threads);
    check(engine, "at the end");
    threads.promptly(engine::close);
  }

  /// One change, or the merge of an earlier state of some key.
  private Versions step(
      KeyspaceReplica replica, byte[] key, Versions other, SeededRandomness random, long foreign)
      throws Exception {
    byte[] value = new byte[random.nextInt(300)];
    Outcome outcome =
        switch (random.nextInt(6)) {
          case 0, 1 -> replica.write(key, new Change.Put(null, 0, 0, value), Access.DISK);
          case 2 -> {
            Versions read = replica.read(key, Access.DISK);
            yield replica.write(key, new Change.Delete(read.seen()), Access.DISK);
          }
          case 3 -> replica.write(key, new Change.Add(1), Access.DISK);
          case 4 -> replica.merge(key, other, Access.DISK);
          default ->
              replica.merge(
                  key,
                  other.write(
                      other.seen(),
                      Version.string(new Dot(foreign, ++foreignCount), 1, 0, 0, value)),
                  Access.DISK);
        };
    return outcome instanceof Outcome.Done done && random.chance(50) ? done.versions() : other;
  }

  private static void check(LsmEngine engine, String when) {
    try (Reader reader = engine.latest(Access.DISK)) {
      assertEquals(List.of(), new TreeCheck(KEYSPACE, reader).differences(), when);
    }
  }

  /// What is kept in memory is what is stored.
  private static void sums(KeyspaceReplica replica, LsmEngine engine) {
    for (int i = 0; i < 20; i++) {
      int slot = Slots.of(bytes("key" + i));
      SlotLeaves kept = replica.tree().slot(slot);
      SlotLeaves stored;
      try (Reader reader = engine.latest(Access.DISK)) {
        stored = new HashTree(KEYSPACE).slot(reader, slot);
      }
      assertEquals(stored.total(), kept.total());
      for (int leaf = 0; leaf < HashTree.LEAVES; leaf++) {
        assertEquals(stored.leaf(leaf), kept.leaf(leaf));
      }
    }
  }

  private LsmEngine open(SimulatedDisk disk, SimulatedThreads threads) throws IOException {
    return threads.promptly(() ->
        LsmEngine.open(
            Path.of("/engine"),
            LsmOptions.defaults().withMemtableBytes(64 << 10),
            disk,
            clock,
            threads));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
