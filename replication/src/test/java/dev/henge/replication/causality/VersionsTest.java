package dev.henge.replication.causality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Siblings beside whole histories, and the laws that copies count on.
final class VersionsTest {
  private static final int COPIES = 4;
  private static final int STEPS = 60;

  /// What a client has read: the same, told in both ways.
  private record Read(VersionVector context, Set<Dot> history) {}

  @Test
  void copiesKnowWhatWholeHistoriesKnow() {
    for (long seed : Seeds.of("VersionsTest", 2_000)) {
      var random = new SeededRandomness(seed);
      var copies = new ArrayList<Versions>();
      var naive = new ArrayList<NaiveKey>();
      var counters = new long[COPIES];
      List<Read> reads = new ArrayList<>(List.of(new Read(VersionVector.EMPTY, Set.of())));
      for (int i = 0; i < COPIES; i++) {
        copies.add(Versions.NONE);
        naive.add(new NaiveKey());
      }
      for (int step = 0; step < STEPS; step++) {
        int at = random.nextInt(COPIES);
        Read read = reads.get(random.nextInt(reads.size()));
        switch (random.nextInt(5)) {
          case 0, 1 -> {
            // Counters have gaps: a replica writes other keys, too.
            counters[at] += 1 + random.nextInt(3);
            var dot = new Dot(at + 1, counters[at]);
            copies.set(at, copies.get(at).write(read.context, string(dot, "")));
            naive.get(at).write(read.history, dot);
          }
          case 2 -> {
            copies.set(at, copies.get(at).delete(read.context));
            naive.get(at).delete(read.history);
          }
          case 3 -> reads.add(new Read(copies.get(at).seen(), naive.get(at).read()));
          default -> {
            int from = random.nextInt(COPIES);
            copies.set(at, copies.get(at).merge(copies.get(from)));
            naive.get(at).merge(naive.get(from));
          }
        }
        assertEquals(naive.get(at).values(), dots(copies.get(at)), "-Dseed=" + seed);
        assertStored(copies.get(at));
      }
    }
  }

  @Test
  void mergingIsAssociativeCommutativeAndIdempotent() {
    for (long seed : Seeds.of("VersionsTest laws", 500)) {
      var random = new SeededRandomness(seed);
      var made = new ArrayList<>(List.of(Versions.NONE));
      var counters = new long[COPIES];
      for (int step = 0; step < STEPS; step++) {
        Versions one = made.get(random.nextInt(made.size()));
        Versions other = made.get(random.nextInt(made.size()));
        int at = random.nextInt(COPIES);
        made.add(
            random.chance(50)
                ? one.merge(other)
                : one.write(other.seen(), string(new Dot(at + 1, ++counters[at]), "x")));
      }
      Versions a = made.get(random.nextInt(made.size()));
      Versions b = made.get(random.nextInt(made.size()));
      Versions c = made.get(random.nextInt(made.size()));
      assertEquals(a.merge(b), b.merge(a), "-Dseed=" + seed);
      assertEquals(a.merge(b).merge(c), a.merge(b.merge(c)), "-Dseed=" + seed);
      assertEquals(a, a.merge(a), "-Dseed=" + seed);
      assertEquals(a.merge(b), a.merge(b).merge(a), "-Dseed=" + seed);
    }
  }

  @Test
  void aWriterWhoHasReadOneSiblingReplacesThatOne() {
    Versions one = Versions.NONE.write(VersionVector.EMPTY, string(new Dot(1, 1), "a"));
    Versions both = one.write(VersionVector.EMPTY, string(new Dot(1, 2), "b"));
    assertEquals(List.of("a", "b"), texts(both));
    Versions third = both.write(one.seen(), string(new Dot(1, 3), "c"));
    assertEquals(List.of("b", "c"), texts(third));
    assertEquals(List.of("d"), texts(third.write(third.seen(), string(new Dot(2, 1), "d"))));
  }

  @Test
  void aDeletionTakesWhatItsAuthorHasReadAndNothingElse() {
    Versions one = Versions.NONE.write(VersionVector.EMPTY, string(new Dot(1, 1), "a"));
    Versions deleted = one.delete(one.seen());
    assertTrue(deleted.isTombstone());
    assertTrue(deleted.merge(one).isTombstone());
    Versions other = one.write(one.seen(), string(new Dot(2, 1), "b"));
    assertEquals(List.of("b"), texts(deleted.merge(other)));
  }

  @Test
  void theLatestWinsWithItsTimeAndThenByReplica() {
    Versions early = Versions.NONE.write(VersionVector.EMPTY, string(new Dot(2, 9), 5, "early"));
    Versions late = Versions.NONE.write(VersionVector.EMPTY, string(new Dot(1, 1), 6, "late"));
    Versions same = Versions.NONE.write(VersionVector.EMPTY, string(new Dot(3, 1), 6, "same"));
    assertEquals(List.of("late"), texts(early.merge(late).latest()));
    assertEquals(List.of("same"), texts(early.merge(late).latest().merge(same).latest()));
    assertEquals(
        early.merge(late).latest().merge(same).latest(),
        same.merge(early).latest().merge(late).latest());
  }

  @Test
  void partsOfACounterExpireTogether() {
    Versions counter =
        Versions.NONE
            .write(VersionVector.EMPTY, Version.counter(new Dot(1, 1), 5, 100, 7))
            .write(VersionVector.EMPTY, Version.counter(new Dot(2, 1), 6, 200, 3));
    assertEquals(2, counter.live(199).size());
    assertEquals(0, counter.live(200).size());
    assertEquals(counter, counter.latest());
    assertFalse(counter.isTombstone());
  }

  private static Set<Dot> dots(Versions versions) {
    return versions.siblings().stream()
        .map(Version::dot)
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static List<String> texts(Versions versions) {
    return versions.siblings().stream()
        .map(version -> new String(version.payload(), StandardCharsets.UTF_8))
        .toList();
  }

  private static Version string(Dot dot, String text) {
    return string(dot, dot.counter(), text);
  }

  private static Version string(Dot dot, long time, String text) {
    return Version.string(dot, time, 0, 0, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertStored(Versions versions) {
    try {
      assertEquals(versions, StoredVersions.decode(StoredVersions.encode(versions)));
    } catch (java.io.IOException damaged) {
      throw new AssertionError(damaged);
    }
  }
}
