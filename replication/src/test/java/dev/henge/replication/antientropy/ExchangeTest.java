package dev.henge.replication.antientropy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.Seeds;
import dev.henge.replication.causality.Versions;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ExchangeTest {
  @Test
  void equalCopiesCompareOneSum() throws Exception {
    try (var cluster = new Cluster(2, false)) {
      for (int i = 0; i < 100; i++) {
        cluster.merge(2, "key" + i, cluster.put(1, "key" + i, 100));
      }
      Cluster.End end = cluster.exchange(1, 2);
      assertNull(end.failure());
      assertEquals(0, end.report().slotsDiffering());
      assertEquals(1, cluster.bytesAnswered);
    }
  }

  @Test
  void anEmptyCopyIsFilledAndSendsNothing() throws Exception {
    try (var cluster = new Cluster(2, false)) {
      Map<String, Versions> all = new TreeMap<>();
      for (int i = 0; i < 1500; i++) {
        String key = "{one slot}" + i;
        all.put(key, cluster.put(2, key, 1000));
      }
      ExchangeReport report = cluster.exchange(1, 2).report();
      assertEquals(1500, report.keysReceived());
      assertEquals(0, report.keysSent());
      all.forEach((key, versions) -> assertEquals(versions, cluster.read(1, key)));
    }
  }

  @Test
  void aFullCopyFillsAnEmptyOne() throws Exception {
    try (var cluster = new Cluster(2, false)) {
      for (int i = 0; i < 5000; i++) {
        cluster.put(1, "{one slot}" + i, 300);
      }
      ExchangeReport report = cluster.exchange(1, 2).report();
      assertEquals(5000, report.keysSent());
      assertEquals(0, report.keysReceived());
      assertEquals(1, sameAfter(cluster, 1, 2));
    }
  }

  @Test
  void onlyWhatDiffersMoves() throws Exception {
    try (var cluster = new Cluster(2, false)) {
      int keys = 8_000;
      for (int i = 0; i < keys; i++) {
        cluster.merge(2, "user" + i, cluster.put(1, "user" + i, 100));
      }
      long differing = 0;
      for (int i = 0; i < 20; i++) {
        String key = "user" + i * 391;
        cluster.put(i % 2 + 1, key, 1000);
        differing += 1000;
      }
      ExchangeReport report = cluster.exchange(1, 2).report();
      long moved = report.objectBytesReceived() + report.objectBytesSent();
      assertTrue(moved <= 3 * differing, moved + " bytes moved for " + differing);
      // 8 bytes for each slot, 128 for the leaves of each slot that differs, and a little.
      long trees = 16384 * 8 + 20 * (16 * 8 + 500) + 16384 * 2 + 10_000;
      assertTrue(report.treeBytesReceived() <= trees, report.toString());
      assertTrue(report.treeBytesSent() <= trees, report.toString());
      assertEquals(20, report.slotsDiffering());
      assertEquals(
          cluster.bytesAsked + cluster.bytesAnswered,
          moved + report.treeBytesReceived() + report.treeBytesSent());
      assertEquals(0, cluster.exchange(2, 1).report().slotsDiffering());
    }
  }

  @Test
  void whoIsNotThereIsNamed() throws Exception {
    try (var cluster = new Cluster(2, false)) {
      cluster.unreachable.add(2L);
      assertNotNull(cluster.exchange(1, 2).failure());
    }
  }

  static long[] seeds() {
    return Seeds.of("ExchangeTest", 10);
  }

  /// Whatever three copies have, after each has compared with the others all have the same.
  @ParameterizedTest
  @MethodSource("seeds")
  void copiesConverge(long seed) throws Exception {
    var random = new SeededRandomness(seed);
    try (var cluster = new Cluster(3, random.chance(50))) {
      Map<String, Versions> wanted = new TreeMap<>();
      for (int step = 0; step < 150; step++) {
        String key = (random.chance(50) ? "{one slot}" : "") + random.nextInt(40);
        long member = 1 + random.nextInt(3);
        switch (random.nextInt(4)) {
          case 0, 1 -> cluster.put(member, key, random.nextInt(200));
          case 2 -> cluster.delete(member, key);
          default -> cluster.merge(1 + random.nextInt(3), key, cluster.read(member, key));
        }
      }
      for (long member = 1; member <= 3; member++) {
        for (int i = 0; i < 40; i++) {
          for (String key : new String[] {"{one slot}" + i, "" + i}) {
            wanted.merge(key, cluster.read(member, key), Versions::merge);
          }
        }
      }
      for (int[] pair : new int[][] {{1, 2}, {2, 3}, {1, 2}, {1, 3}}) {
        assertNull(cluster.exchange(pair[0], pair[1]).failure());
      }
      assertEquals(1, sameAfter(cluster, 1, 2));
      assertEquals(1, sameAfter(cluster, 3, 2));
      wanted.forEach((key, versions) ->
          assertEquals(
              cluster.replica(1).options().latestWins() ? versions.latest() : versions,
              cluster.read(1, key)));
    }
  }

  /// Bytes that another exchange is answered with: 1 where nothing differs.
  private static long sameAfter(Cluster cluster, long from, long to) {
    cluster.bytesAnswered = 0;
    assertNull(cluster.exchange(from, to).failure());
    return cluster.bytesAnswered;
  }
}
