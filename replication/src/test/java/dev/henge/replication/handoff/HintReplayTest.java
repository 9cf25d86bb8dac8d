package dev.henge.replication.handoff;

import static dev.henge.replication.handoff.Copies.bytes;
import static dev.henge.replication.handoff.Copies.stored;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Slots;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.replication.quorum.Placement;
import dev.henge.replication.quorum.RemoteReplicas;
import dev.henge.storage.Access;
import dev.henge.storage.ModelEngine;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HintReplayTest {
  private static final int KEYSPACE = 1024;
  private static final long SELF = 9;

  private final SimulatedClock clock = new SimulatedClock();
  private final SimulatedThreads threads = new SimulatedThreads(clock);
  private final ModelEngine engine = new ModelEngine();
  private final HintStore store =
      new HintStore(engine, new HintStore.Options(1 << 20, 1 << 20, Duration.ofHours(1)), clock);

  private final Set<Long> up = new TreeSet<>(Set.of(SELF));
  private final Cluster cluster = new Cluster();
  private final Members members = new Members();
  private final HintReplay replay =
      new HintReplay(
          new HintReplay.Parts(
              SELF,
              store,
              cluster,
              up::contains,
              members,
              keyspace -> null,
              clock,
              threads,
              threads.pool("replay", 1, 1000)),
          new HintReplay.Options(Duration.ofMillis(500), 10_000, 5_000));

  @AfterEach
  void close() {
    replay.close();
  }

  @Test
  void nothingIsSentToWhoIsNotUpAndAllToWhoIs() {
    keep(5, 50);
    pass(Duration.ofMinutes(1));
    assertEquals(List.of(), members.got);
    up.add(5L);
    pass(Duration.ofMinutes(1));
    assertEquals(50, members.got.size());
    assertEquals(50, Set.copyOf(members.got).size());
    assertEquals(0, store.bytes());
  }

  @Test
  void theyGoNoFasterThanAllowed() {
    keep(5, 200);
    long bytes = store.bytes();
    up.add(5L);
    pass(Duration.ofMillis(bytes / 2 / 10));
    assertTrue(
        store.bytes() > bytes / 4 && store.bytes() < bytes, store.bytes() + " left of " + bytes);
    pass(Duration.ofMillis(bytes / 10));
    assertEquals(0, store.bytes());
  }

  @Test
  void noMoreAreUnderWayThanARoundHas() {
    keep(5, 200);
    up.add(5L);
    members.silent = true;
    pass(Duration.ofMinutes(1));
    assertEquals(HintReplay.ROUND_COUNT, members.unanswered.size());
    assertEquals(200, store.count(5));
  }

  @Test
  void whatIsNotTakenStaysAndComesAgain() {
    keep(5, 10);
    up.add(5L);
    members.refusing = true;
    pass(Duration.ofMinutes(5));
    assertEquals(10, store.count(5));
    int tries = members.tries;
    assertTrue(tries < 10 * 20, "it backs off: " + tries + " tries");
    members.refusing = false;
    pass(Duration.ofMinutes(2));
    assertEquals(0, store.count(5));
    assertEquals(10, Set.copyOf(members.got).size());
  }

  @Test
  void anotherLifeGoesOnWithThem() {
    keep(5, 10);
    replay.close();
    var again = new HintStore(engine, store.options(), clock);
    assertEquals(10, again.count(5));
    try (var second =
        new HintReplay(
            new HintReplay.Parts(
                SELF,
                again,
                cluster,
                up::contains,
                members,
                keyspace -> null,
                clock,
                threads,
                threads.pool("replay", 1, 1000)),
            HintReplay.Options.defaults())) {
      up.add(5L);
      pass(Duration.ofMinutes(1));
      assertEquals(10, members.got.size());
      assertEquals(0, again.bytes());
    }
  }

  @Test
  void hintsOfAMemberThatWasRemovedGoToAllOwners() {
    keep(5, 10);
    cluster.everybody = new long[] {6, 7, SELF};
    cluster.owners = new long[] {6, 7};
    up.add(6L);
    members.refusingMembers.add(7L);
    pass(Duration.ofMinutes(1));
    assertEquals(10, store.count(5), "one owner lacks them");
    members.refusingMembers.clear();
    pass(Duration.ofMinutes(2));
    assertEquals(0, store.count(5));
    assertTrue(members.got.contains("6 key3") && members.got.contains("7 key3"));
  }

  @Test
  void aMemberThatIsNotKnownYetIsNotTakenForRemoved() {
    keep(50, 10);
    cluster.everybody = new long[] {5, 6, 7, SELF};
    up.addAll(Set.of(5L, 6L, 7L));
    pass(Duration.ofMinutes(50));
    assertEquals(10, store.count(50));
    assertEquals(List.of(), members.got);
  }

  @Test
  void whatIsTooOldGoesToAnotherOwnerAndIsNotedAsMissing() {
    keep(5, 10);
    up.addAll(Set.of(6L, 7L));
    pass(Duration.ofMinutes(55));
    store.take(5, KEYSPACE, bytes("young"), stored(1, 99, 10), Access.DISK, new Copies.Heard());
    pass(Duration.ofMinutes(10));
    assertEquals(1, store.count(5), "the young one waits");
    assertEquals(10, members.got.size());
    assertTrue(members.got.contains("6 key3") && !members.got.contains("5 key3"));
    for (int i = 0; i < 10; i++) {
      int slot = Slots.of(bytes("key" + i));
      assertTrue(Arrays.stream(store.needingRepair(5, KEYSPACE)).anyMatch(one -> one == slot));
    }
  }

  @Test
  void whatIsTooOldStaysWhereNoOwnerTakesIt() {
    keep(5, 10);
    pass(Duration.ofHours(5));
    assertEquals(10, store.count(5));
    assertArrayEquals(new int[0], store.needingRepair(5, KEYSPACE));
  }

  @Test
  void hintsForWhoOwnsTheSlotNoMoreGoToWhoDoes() {
    keep(5, 10);
    cluster.owners = new long[] {6, 7};
    up.addAll(Set.of(5L, 6L, 7L));
    pass(Duration.ofMinutes(1));
    assertEquals(0, store.count(5));
    assertTrue(members.got.contains("6 key3") && !members.got.contains("5 key3"));
  }

  @Test
  void hintsOfADroppedKeyspaceGo() {
    keep(5, 10);
    cluster.owners = new long[0];
    up.add(5L);
    pass(Duration.ofMinutes(1));
    assertEquals(0, store.bytes());
    assertEquals(List.of(), members.got);
  }

  private void keep(long target, int count) {
    for (int i = 0; i < count; i++) {
      store.take(
          target,
          KEYSPACE,
          bytes("key" + i),
          stored(1, i + 1, 100),
          Access.DISK,
          new Copies.Heard());
    }
  }

  private void pass(Duration time) {
    for (Duration passed = Duration.ZERO;
        passed.compareTo(time) < 0;
        passed = passed.plusMillis(500)) {
      threads.advance(Duration.ofMillis(500));
      threads.runAll();
    }
  }

  /// Members 5, 6 and 7 own everything.
  private static final class Cluster implements Placement {
    long[] owners = {5, 6, 7};
    long[] everybody = {5, 6, 7, SELF};

    @Override
    public long[] owners(int keyspaceId, int slot) {
      return owners;
    }

    @Override
    public long[] joining(int keyspaceId, int slot) {
      return new long[0];
    }

    @Override
    public long[] members() {
      return everybody;
    }

    @Override
    public long[] everybody() {
      return everybody;
    }

    @Override
    public long change(int keyspaceId) {
      return 1;
    }

    @Override
    public String dataCentre(long member) {
      return "";
    }
  }

  /// What members take.
  private static final class Members implements RemoteReplicas {
    final List<String> got = new ArrayList<>();
    final List<Stored> unanswered = new ArrayList<>();
    final Set<Long> refusingMembers = new TreeSet<>();
    boolean refusing;
    boolean silent;
    int tries;

    @Override
    public void merge(
        long member, int keyspaceId, byte[] key, byte[] stored, long millis, Stored listener) {
      tries++;
      if (silent) {
        unanswered.add(listener);
      } else if (refusing || refusingMembers.contains(member)) {
        listener.refused();
      } else {
        got.add(member + " " + new String(key, StandardCharsets.UTF_8));
        listener.stored();
      }
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
