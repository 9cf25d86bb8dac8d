package dev.henge.replication.antientropy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Slots;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.handoff.HintReplay;
import dev.henge.replication.handoff.HintStore;
import dev.henge.replication.quorum.RemoteReplicas;
import dev.henge.storage.Access;
import dev.henge.storage.ModelEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class AntiEntropyTest {
  private Cluster cluster;
  private HintStore hints;
  private AntiEntropy antiEntropy;
  private final Set<Long> up = new TreeSet<>(Set.of(1L, 2L, 3L));
  private boolean overloaded;

  @BeforeEach
  void begin() throws Exception {
    cluster = new Cluster(3, false);
    hints =
        new HintStore(
            new ModelEngine(),
            new HintStore.Options(1 << 20, 1 << 20, Duration.ofHours(1)),
            cluster.clock);
    antiEntropy =
        new AntiEntropy(
            new AntiEntropy.Parts(
                1,
                cluster,
                up::contains,
                () -> Map.of(Cluster.KEYSPACE, cluster.replica(1)),
                hints,
                () -> overloaded,
                new SeededRandomness(1),
                new Exchange.Parts(cluster::ask, cluster.clock, cluster.threads, cluster.pool)),
            AntiEntropy.Options.defaults());
  }

  @AfterEach
  void end() throws Exception {
    antiEntropy.close();
    cluster.close();
  }

  @Test
  void inTimeEveryOtherCopyIsCompared() throws Exception {
    Versions two = cluster.put(2, "a", 10);
    Versions three = cluster.put(3, "b", 10);
    pass(Duration.ofMinutes(20));
    assertEquals(two, cluster.read(1, "a"));
    assertEquals(three, cluster.read(1, "b"));
    assertEquals(three, cluster.read(2, "b"));
  }

  @Test
  void nothingIsComparedWhileTheNodeIsOverloadedAndAllAfterwards() throws Exception {
    overloaded = true;
    Versions two = cluster.put(2, "a", 10);
    pass(Duration.ofMinutes(20));
    assertEquals(0, cluster.bytesAsked);
    overloaded = false;
    pass(Duration.ofMinutes(30));
    assertEquals(two, cluster.read(1, "a"));
  }

  @Test
  void whatFailsIsTriedLessOften() {
    up.remove(3L);
    cluster.unreachable.add(2L);
    pass(Duration.ofMinutes(60));
    long askedOnce = cluster.bytesAsked;
    assertTrue(askedOnce > 0);
    pass(Duration.ofMinutes(60));
    // At the interval it would be 180 questions about all slots, of 16 kB each.
    assertTrue(cluster.bytesAsked - askedOnce < 40 * 17_000, cluster.bytesAsked + " bytes");
  }

  @Test
  void aRepairComparesWithEverybodyWhoIsUp() throws Exception {
    Versions two = cluster.put(2, "a", 10);
    Versions three = cluster.put(3, "b", 10);
    Cluster.End end = repair();
    assertNull(end.failure());
    assertEquals(2, end.report().keysReceived());
    assertEquals(2 * Slots.COUNT, end.report().slots());
    assertEquals(two, cluster.read(3, "a"));
    assertEquals(three, cluster.read(1, "b"));
    up.remove(3L);
    assertEquals(Slots.COUNT, repair().report().slots());
    cluster.unreachable.add(2L);
    assertNotNull(repair().failure());
  }

  /// What no hint brings any more, an exchange does, and only then it is no longer noted.
  @Test
  void whatNeedsRepairDoesSoUntilItIsCompared() throws Exception {
    Versions versions = cluster.put(1, "a", 10);
    var taken = new ArrayList<Boolean>();
    hints.take(
        2,
        Cluster.KEYSPACE,
        Cluster.bytes("a"),
        StoredVersions.encode(versions),
        Access.DISK,
        new RemoteReplicas.Stored() {
          @Override
          public void stored() {
            taken.add(true);
          }

          @Override
          public void refused() {
            taken.add(false);
          }

          @Override
          public void lost() {
            taken.add(false);
          }
        });
    assertEquals(List.of(true), taken);
    up.remove(2L);
    up.remove(3L);
    cluster.unreachable.add(2L);
    try (var replay =
        new HintReplay(
            new HintReplay.Parts(
                1,
                hints,
                cluster,
                up::contains,
                new Nobody(),
                keyspace -> cluster.replica(1),
                cluster.clock,
                cluster.threads,
                cluster.pool),
            HintReplay.Options.defaults())) {
      pass(Duration.ofMinutes(70));
    }
    int[] slot = {Slots.of(Cluster.bytes("a"))};
    assertEquals(0, hints.bytes());
    assertArrayEquals(slot, hints.needingRepair(2, Cluster.KEYSPACE));
    up.add(2L);
    assertNotNull(repair().failure());
    assertArrayEquals(slot, hints.needingRepair(2, Cluster.KEYSPACE));
    cluster.unreachable.clear();
    assertNull(repair().failure());
    assertEquals(versions, cluster.read(2, "a"));
    assertEquals(0, hints.needingRepair(2, Cluster.KEYSPACE).length);
  }

  private Cluster.End repair() {
    var ends = new ArrayList<Cluster.End>();
    antiEntropy.repairNow(
        Cluster.KEYSPACE, (report, failure) -> ends.add(new Cluster.End(report, failure)));
    for (int i = 0; i < 1000 && ends.isEmpty(); i++) {
      pass(Duration.ofMillis(100));
    }
    return ends.getFirst();
  }

  private void pass(Duration time) {
    cluster.threads.runAll();
    cluster.threads.advance(time);
    cluster.threads.runAll();
  }

  /// Nobody else can be reached.
  private static final class Nobody implements RemoteReplicas {
    @Override
    public void merge(
        long member, int keyspaceId, byte[] key, byte[] stored, long millis, Stored listener) {
      listener.refused();
    }

    @Override
    public void hint(
        long standIn,
        long target,
        int keyspaceId,
        byte[] key,
        byte[] stored,
        long millis,
        Stored listener) {
      listener.refused();
    }

    @Override
    public void fetch(long member, int keyspaceId, byte[] key, long millis, Fetched listener) {
      listener.failed();
    }
  }
}
