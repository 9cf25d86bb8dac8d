package dev.henge.replication.handoff;

import static dev.henge.replication.handoff.Copies.bytes;
import static dev.henge.replication.handoff.Copies.stored;
import static dev.henge.replication.handoff.Copies.written;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Slots;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.causality.Versions;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.ModelEngine;
import dev.henge.storage.lsm.LsmEngine;
import dev.henge.storage.lsm.LsmOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class HintStoreTest {
  private static final int KEYSPACE = 1024;

  private final SimulatedClock clock = new SimulatedClock();
  private final Engine engine = new ModelEngine();

  @Test
  void whatIsOnDisk() {
    HintStore store = store(engine, 1 << 20, 1 << 20);
    clock.advance(Duration.ofSeconds(3));
    take(store, 5, "a", stored(1, 5, 1), new Copies.Heard());
    String hint = "01" + "0000000000000005" + "00000400" + "61";
    String value = "01" + "0300000000000000" + "b8e7207497010000";
    assertEquals(value + HexFormat.of().formatHex(stored(1, 5, 1)), hex(hint));
    assertEquals("3601" + "03" + "b8cf83a1f732", hex("020000000000000005"));
  }

  @Test
  void aSecondHintForAKeyIsMergedIntoTheFirst() throws Exception {
    HintStore store = store(engine, 1 << 20, 1 << 20);
    take(store, 5, "a", stored(1, 5, 10), new Copies.Heard());
    clock.advance(Duration.ofSeconds(9));
    take(store, 5, "a", stored(2, 7, 10), new Copies.Heard());
    assertEquals(1, store.count(5));
    Hint hint = store.next(5, null, 10, 1 << 20).getFirst();
    assertEquals(written(1, 5, 10).merge(written(2, 7, 10)), StoredVersions.decode(hint.stored()));
    assertEquals(0, hint.runningSeconds());
    assertEquals(hint.bytes(), store.bytes());
  }

  @Test
  void whatDoesNotFitIsRefusedAndTheRestKept() {
    HintStore store = store(engine, 2_000, 3_000);
    var heard = new Copies.Heard();
    for (int i = 0; i < 20; i++) {
      take(store, 5, "key" + i, stored(1, i + 1, 100), heard);
    }
    long five = heard.stored;
    assertTrue(five > 5 && heard.refused == 20 - five, "refused " + heard.refused);
    assertTrue(store.bytes(5) <= 2_000);
    for (int i = 0; i < 20; i++) {
      take(store, 6, "key" + i, stored(1, i + 1, 100), heard);
    }
    assertTrue(store.bytes() <= 3_000 && store.count(6) > 0);
    assertEquals(five, store.count(5));
  }

  @Test
  void aHintStaysWhereMoreCameForItMeanwhile() throws Exception {
    HintStore store = store(engine, 1 << 20, 1 << 20);
    take(store, 5, "a", stored(1, 5, 10), new Copies.Heard());
    Hint sent = store.next(5, null, 10, 1 << 20).getFirst();
    take(store, 5, "a", stored(1, 6, 10), new Copies.Heard());
    store.delivered(sent, false);
    assertEquals(1, store.count(5));
    store.delivered(store.next(5, null, 10, 1 << 20).getFirst(), false);
    assertEquals(0, store.targets().length);
    assertEquals(0, store.bytes());
  }

  @Test
  void slotsThatNeedRepairAreKeptUntilTheyAre() throws Exception {
    HintStore store = store(engine, 1 << 20, 1 << 20);
    take(store, 5, "a", stored(1, 5, 10), new Copies.Heard());
    store.delivered(store.next(5, null, 10, 1 << 20).getFirst(), true);
    HintStore again = store(engine, 1 << 20, 1 << 20);
    int[] slots = {Slots.of(bytes("a"))};
    assertArrayEquals(slots, again.needingRepair(5, KEYSPACE));
    assertEquals(0, again.needingRepair(5, KEYSPACE + 1).length);
    assertEquals(0, again.needingRepair(6, KEYSPACE).length);
    again.repaired(5, KEYSPACE, slots);
    assertEquals(0, again.needingRepair(5, KEYSPACE).length);
  }

  @Test
  void ageIsThatOfTheClockThatSaysMore() throws Exception {
    HintStore store = store(engine, 1 << 20, 1 << 20);
    take(store, 5, "a", stored(1, 5, 10), new Copies.Heard());
    Hint hint = store.next(5, null, 10, 1 << 20).getFirst();
    clock.advance(Duration.ofMinutes(59));
    assertFalse(store.isExpired(hint) || store.mayHaveExpired(5));
    store.time().save();
    // Switched off for a while: running time stands, the wall clock does not.
    clock.advance(Duration.ofMinutes(2));
    HintStore again = store(engine, 1 << 20, 1 << 20);
    assertEquals(59 * 60, again.time().seconds());
    assertTrue(again.isExpired(hint) && again.mayHaveExpired(5));
    // A wall clock that was set back: running time goes on.
    Hint later =
        new Hint(5, KEYSPACE, bytes("a"), 0, clock.wallMillis() + 86_400_000, hint.stored());
    clock.advance(Duration.ofMinutes(2));
    assertTrue(again.isExpired(later));
  }

  static long[] seeds() {
    return Seeds.of("HintStoreTest", 20);
  }

  /// What was told to be kept is kept, whatever crashes, and counted as what it is.
  @ParameterizedTest
  @MethodSource("seeds")
  void noHintIsLost(long seed) throws Exception {
    var random = new SeededRandomness(seed);
    SimulatedDisk disk = new SimulatedDisk();
    Map<String, Versions> kept = new TreeMap<>();
    long counter = 0;
    for (int life = 0; life < 4; life++) {
      var threads = new SimulatedThreads(clock);
      SimulatedDisk now = disk;
      LsmEngine lsm =
          threads.promptly(
              () -> LsmEngine.open(Path.of("/hints"), LsmOptions.defaults(), now, clock, threads));
      HintStore store = store(lsm, 1 << 20, 1 << 20);
      check(store, kept);
      for (int step = 0; step < 100; step++) {
        String key = "key" + random.nextInt(10);
        int target = 5 + random.nextInt(3);
        if (random.chance(80)) {
          Versions versions = written(1, ++counter, random.nextInt(100));
          take(
              store,
              target,
              key,
              StoredVersions.encode(versions),
              new Copies.Heard() {
                @Override
                public void stored() {
                  kept.merge(target + key, versions, Versions::merge);
                }
              });
        } else {
          for (Hint hint : store.next(target, null, 1, 1)) {
            kept.remove(target + new String(hint.key(), StandardCharsets.UTF_8));
            store.delivered(hint, false);
          }
        }
        threads.run(random.nextInt(3));
      }
      disk = disk.crash(random.nextLong());
    }
  }

  private static void check(HintStore store, Map<String, Versions> kept) throws IOException {
    Map<String, Versions> found = new TreeMap<>();
    long bytes = 0;
    for (long target = 5; target < 8; target++) {
      List<Hint> hints = store.next(target, null, 1000, 1 << 20);
      assertEquals(hints.size(), store.count(target));
      for (Hint hint : hints) {
        bytes += hint.bytes();
        found.put(
            target + new String(hint.key(), StandardCharsets.UTF_8),
            StoredVersions.decode(hint.stored()));
      }
    }
    assertEquals(bytes, store.bytes());
    kept.forEach((key, versions) -> {
      Versions there = found.getOrDefault(key, Versions.NONE);
      assertTrue(there.seen().descends(versions.seen()), key + " lacks " + versions.seen());
    });
  }

  private HintStore store(Engine over, long targetBytes, long totalBytes) {
    return new HintStore(
        over, new HintStore.Options(targetBytes, totalBytes, Duration.ofHours(1)), clock);
  }

  private static void take(
      HintStore store, long target, String key, byte[] stored, Copies.Heard heard) {
    store.take(target, KEYSPACE, bytes(key), stored, Access.DISK, heard);
  }

  private String hex(String key) {
    byte[] value = engine.get(HexFormat.of().parseHex(key));
    return value == null ? "nothing" : HexFormat.of().formatHex(value);
  }
}
