package dev.henge.replication.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Clock;
import dev.henge.data.ScanPosition;
import dev.henge.replication.causality.HybridClock;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.VersionVector;
import dev.henge.replication.causality.Versions;
import dev.henge.storage.Access;
import dev.henge.storage.LogMode;
import dev.henge.storage.ModelEngine;
import dev.henge.storage.WriteRefusedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// One replica, and two that tell each other.
final class KeyspaceReplicaTest {
  private static final byte[] KEY = bytes("key");

  private long now = 1_000_000;
  private final KeyspaceReplica one = replica(1, false, 0);
  private final KeyspaceReplica two = replica(2, false, 0);

  @Test
  void aBlindWriteReplacesTheOneVersionThatIsThere() throws Exception {
    put(one, null, "a");
    put(one, null, "b");
    assertEquals(List.of("b"), texts(one));
  }

  @Test
  void aBlindWriteStandsBesideSiblingsAndReplacesItsOwnLast() throws Exception {
    put(one, null, "a");
    put(two, null, "b");
    exchange(one, two);
    assertEquals(List.of("a", "b"), texts(one));
    put(one, null, "c");
    assertEquals(List.of("a", "c", "b"), texts(one));
    put(one, null, "d");
    assertEquals(List.of("a", "d", "b"), texts(one));
    exchange(one, two);
    put(two, null, "e");
    exchange(one, two);
    assertEquals(List.of("a", "d", "b", "e"), texts(one));
  }

  @Test
  void aWriteWithContextReplacesWhatItsAuthorHasRead() throws Exception {
    put(one, null, "a");
    VersionVector read = one.read(KEY, Access.DISK).seen();
    put(one, VersionVector.EMPTY, "b");
    assertEquals(List.of("a", "b"), texts(one));
    put(one, read, "c");
    assertEquals(List.of("b", "c"), texts(one));
  }

  @Test
  void aDeletionStaysWhenTheOldValueComesBack() throws Exception {
    put(one, null, "a");
    exchange(one, two);
    Versions old = two.read(KEY, Access.DISK);
    done(one.write(KEY, new Change.Delete(old.seen()), Access.DISK));
    done(one.merge(KEY, old, Access.DISK));
    assertTrue(one.read(KEY, Access.DISK).isTombstone());
    exchange(one, two);
    assertTrue(two.read(KEY, Access.DISK).isTombstone());
  }

  @Test
  void countersAddUpWhateverTheOrder() throws Exception {
    add(one, 5);
    add(two, 7);
    exchange(one, two);
    add(one, -2);
    add(two, 1);
    exchange(one, two);
    assertEquals(11, sum(one));
    assertEquals(11, sum(two));
    assertEquals(2, one.read(KEY, Access.DISK).siblings().size());
  }

  @Test
  void aStringIsNoCounterAndTheSumStaysInRange() throws Exception {
    put(one, null, "5");
    assertEquals(
        Outcome.Refusal.WRONG_TYPE, refused(one.write(KEY, new Change.Add(1), Access.DISK)));
    add(two, Long.MAX_VALUE);
    assertEquals(Outcome.Refusal.OVERFLOW, refused(two.write(KEY, new Change.Add(1), Access.DISK)));
    assertEquals(Long.MAX_VALUE, sum(two));
  }

  @Test
  void anExpiredCounterBeginsAnew() throws Exception {
    add(one, 5);
    exchange(one, two);
    add(two, 1);
    done(two.write(KEY, new Change.Expire(now + 10), Access.DISK));
    exchange(one, two);
    assertEquals(6, sum(one));
    now += 10;
    add(one, 3);
    exchange(one, two);
    assertEquals(3, sum(two));
  }

  @Test
  void oneVersionCanExpireAndSiblingsCannot() throws Exception {
    put(one, null, "a");
    done(one.write(KEY, new Change.Expire(now + 5), Access.DISK));
    assertEquals(List.of("a"), texts(one));
    now += 5;
    assertEquals(List.of(), texts(one));
    put(one, null, "b");
    put(two, null, "c");
    exchange(one, two);
    assertEquals(
        Outcome.Refusal.SIBLINGS, refused(one.write(KEY, new Change.Expire(now + 5), Access.DISK)));
  }

  @Test
  void theLatestWinsAlsoOverAClockThatIsBehind() throws Exception {
    KeyspaceReplica ahead = replica(1, true, 500);
    KeyspaceReplica behind = replica(2, true, 0);
    put(ahead, null, "first");
    exchange(ahead, behind);
    put(behind, null, "second");
    exchange(ahead, behind);
    assertEquals(List.of("second"), texts(ahead));
    done(behind.write(KEY, new Change.Delete(VersionVector.EMPTY), Access.DISK));
    exchange(ahead, behind);
    assertEquals(List.of(), texts(ahead));
    assertTrue(ahead.read(KEY, Access.DISK).isTombstone());
  }

  @Test
  void aTimeFarAheadIsRefused() throws Exception {
    KeyspaceReplica broken = replica(1, true, 60_000);
    put(broken, null, "from the future");
    assertEquals(
        Outcome.Refusal.CLOCK_AHEAD,
        refused(replica(2, true, 0).merge(KEY, broken.read(KEY, Access.DISK), Access.DISK)));
  }

  @Test
  void aContextThatNamesWritesNobodyHasMadeIsRefused() throws Exception {
    put(one, null, "a");
    VersionVector read = one.read(KEY, Access.DISK).seen();
    VersionVector forged =
        read.with(new dev.henge.replication.causality.Dot(1, read.counter(1) + 1));
    assertEquals(
        Outcome.Refusal.FOREIGN_CONTEXT,
        refused(one.write(KEY, new Change.Put(forged, 0, 0, bytes("b")), Access.DISK)));
    assertEquals(
        Outcome.Refusal.FOREIGN_CONTEXT,
        refused(one.write(KEY, new Change.Delete(forged), Access.DISK)));
    assertEquals(List.of("a"), texts(one));
  }

  @Test
  void moreSiblingsThanAnybodyCanReconcileAreRefused() throws Exception {
    for (int i = 0; i < KeyspaceReplica.SIBLINGS_MAX; i++) {
      put(one, VersionVector.EMPTY, "value " + i);
    }
    assertEquals(
        Outcome.Refusal.TOO_MANY_SIBLINGS,
        refused(
            one.write(KEY, new Change.Put(VersionVector.EMPTY, 0, 0, bytes("more")), Access.DISK)));
    put(one, one.read(KEY, Access.DISK).seen(), "all in one");
    assertEquals(List.of("all in one"), texts(one));
  }

  @Test
  void siblingsThatAreTooLargeTogetherAreRefused() throws Exception {
    byte[] large = new byte[KeyspaceReplica.SIBLING_BYTES_MAX];
    done(one.write(KEY, new Change.Put(null, 0, 0, large), Access.DISK));
    assertEquals(
        Outcome.Refusal.TOO_MANY_SIBLINGS,
        refused(
            one.write(KEY, new Change.Put(VersionVector.EMPTY, 0, 0, bytes("x")), Access.DISK)));
    put(one, null, "small");
    assertEquals(List.of("small"), texts(one));
  }

  @Test
  void whatIsKnownAlreadyIsNotWrittenAgain() throws Exception {
    put(one, null, "a");
    long sequence = one.engine().lastSequence();
    Outcome.Done again = done(one.merge(KEY, one.read(KEY, Access.DISK), Access.DISK));
    assertFalse(again.changed());
    assertEquals(sequence, one.engine().lastSequence());
  }

  @Test
  void aWalkGoesOverAllKeysAndCanGoOnAnywhere() throws Exception {
    var wanted = new ArrayList<String>();
    for (int i = 0; i < 50; i++) {
      byte[] key = bytes("key-" + i);
      done(one.write(key, new Change.Put(null, 0, 0, bytes("v")), Access.DISK));
      wanted.add("key-" + i);
    }
    var found = new ArrayList<String>();
    ScanPosition position = ScanPosition.START;
    for (boolean more = true; more; ) {
      try (KeyWalk walk = one.walk(position, 16384)) {
        more = walk.next();
        if (more) {
          found.add(new String(walk.key(), StandardCharsets.UTF_8));
          position = walk.position();
        }
      }
    }
    found.sort(null);
    wanted.sort(null);
    assertEquals(wanted, found);
  }

  @Test
  void noCounterIsGivenTwiceOverRestarts() {
    var first = new Dots(1, 3);
    long last = first.next().counter();
    assertTrue(new Dots(1, 4).next().counter() > last + 1_000_000_000);
    assertFalse(first.canHaveGiven(last + 1));
    assertTrue(first.canHaveGiven(last));
  }

  private KeyspaceReplica replica(long number, boolean latestWins, long millisAhead) {
    Clock clock =
        new Clock() {
          @Override
          public long wallMillis() {
            return now + millisAhead;
          }

          @Override
          public long monotonicNanos() {
            return now * 1_000_000;
          }
        };
    return new KeyspaceReplica(
        new ModelEngine(),
        new KeyspaceReplica.Options(1024, latestWins, LogMode.SYNCED),
        new Dots(number, 1),
        new HybridClock(clock, 10_000),
        clock);
  }

  private static void put(KeyspaceReplica replica, @Nullable VersionVector context, String value)
      throws WriteRefusedException {
    done(replica.write(KEY, new Change.Put(context, 0, 0, bytes(value)), Access.DISK));
  }

  private static void add(KeyspaceReplica replica, long delta) throws WriteRefusedException {
    done(replica.write(KEY, new Change.Add(delta), Access.DISK));
  }

  private static void exchange(KeyspaceReplica a, KeyspaceReplica b) throws WriteRefusedException {
    done(b.merge(KEY, a.read(KEY, Access.DISK), Access.DISK));
    done(a.merge(KEY, b.read(KEY, Access.DISK), Access.DISK));
    assertEquals(a.read(KEY, Access.DISK), b.read(KEY, Access.DISK));
  }

  private long sum(KeyspaceReplica replica) {
    return replica.read(KEY, Access.DISK).live(now).stream().mapToLong(Version::sum).sum();
  }

  private List<String> texts(KeyspaceReplica replica) {
    return replica.read(KEY, Access.DISK).live(now).stream()
        .map(version -> new String(version.payload(), StandardCharsets.UTF_8))
        .toList();
  }

  private static Outcome.Done done(Outcome outcome) {
    return assertInstanceOf(Outcome.Done.class, outcome);
  }

  private static Outcome.Refusal refused(Outcome outcome) {
    return assertInstanceOf(Outcome.Refused.class, outcome).why();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
