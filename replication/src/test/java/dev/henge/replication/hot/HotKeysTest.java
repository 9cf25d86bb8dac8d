package dev.henge.replication.hot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.replication.causality.Dot;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.VersionVector;
import dev.henge.replication.causality.Versions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What is found, what is not, and what is remembered.
final class HotKeysTest {
  private final SimulatedClock clock = new SimulatedClock();

  @Test
  void countsAreBoundsOfTheTruth() {
    for (long seed : Seeds.of("HeavyHitters", 200)) {
      var random = new SeededRandomness(seed);
      int capacity = 8 + random.nextInt(32);
      var sketch = new HeavyHitters<Integer>(capacity);
      Map<Integer, Long> exact = new HashMap<>();
      int length = 2_000;
      for (int i = 0; i < length; i++) {
        // A few are frequent, many come once or twice.
        int thing = random.chance(50) ? random.nextInt(4) : random.nextInt(1_000);
        sketch.add(thing);
        exact.merge(thing, 1L, Long::sum);
      }
      for (HeavyHitters.Counted<Integer> one : sketch.top(capacity)) {
        long truth = exact.getOrDefault(one.thing(), 0L);
        assertTrue(one.count() >= truth, "-Dseed=" + seed);
        assertTrue(one.count() - one.overcount() <= truth, "-Dseed=" + seed);
        assertTrue(one.overcount() <= length / capacity, "-Dseed=" + seed);
      }
      exact.forEach((thing, count) -> {
        if (count > length / capacity) {
          assertTrue(
              sketch.top(capacity).stream().anyMatch(one -> one.thing().equals(thing)),
              "-Dseed=" + seed + " lost " + thing);
        }
      });
    }
  }

  @Test
  void aKeyIsHotWhileItIsAskedForFarMoreThanOthers() {
    var keys = new HotKeys(clock);
    var random = new SeededRandomness(1);
    boolean hot = false;
    boolean others = false;
    for (int i = 0; i < 200_000; i++) {
      if (i % 100 == 0) {
        clock.advance(Duration.ofMillis(1));
      }
      if (random.chance(20)) {
        hot |= keys.count(1024, bytes("hot"));
      } else {
        others |= keys.count(1024, bytes("key " + random.nextInt(100_000)));
      }
    }
    assertTrue(hot);
    assertFalse(others);
    HotKeys.Rate first = keys.top(1).getFirst();
    assertEquals(new HotKeys.Key(1024, bytes("hot")), first.key());
    // 100,000 requests a second came, a fifth of them for it.
    assertEquals(20_000, first.perSecond(), 3_000);
    assertEquals(20, first.percent(), 3);
    clock.advance(Duration.ofMinutes(5));
    keys.count(1024, bytes("somebody"));
    assertTrue(keys.top(10).stream().noneMatch(rate -> rate.perSecond() > 100));
  }

  @Test
  void nothingIsHotWhereLittleHappens() {
    var keys = new HotKeys(clock);
    for (int i = 0; i < 1_000; i++) {
      clock.advance(Duration.ofMillis(100));
      assertFalse(keys.count(1024, bytes("the only one")));
    }
  }

  @Test
  void valuesAreRememberedForAMomentAndForgottenWhenWritten() {
    var values = new HotValues(clock);
    Versions versions =
        Versions.NONE.write(
            VersionVector.EMPTY, Version.string(new Dot(1, 1), 1, 0, 0, bytes("value")));
    values.put(1024, bytes("key"), versions);
    assertNotNull(values.get(1024, bytes("key")));
    assertNull(values.get(1025, bytes("key")));
    values.forget(1024, bytes("key"));
    assertNull(values.get(1024, bytes("key")));
    values.put(1024, bytes("key"), versions);
    clock.advance(Duration.ofMillis(101));
    assertNull(values.get(1024, bytes("key")));
  }

  @Test
  void rememberedValuesAreBounded() {
    var values = new HotValues(clock);
    for (int i = 0; i < 10_000; i++) {
      values.put(1024, bytes("key " + i), Versions.NONE);
    }
    long there =
        java.util.stream.IntStream.range(0, 10_000)
            .filter(i -> values.get(1024, bytes("key " + i)) != null)
            .count();
    assertEquals(256, there);
    assertEquals(List.of(), new HotKeys(clock).top(10));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
