package dev.henge.consensus.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Slots;
import dev.henge.base.ring.SlotTable;
import dev.henge.consensus.metadata.MetadataOutcome.Refusal;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Rings change in two phases, whatever comes late or twice, and nobody is forgotten who may hold
/// what others lack.
final class RingRulesTest {
  private static final int ID = 1024;

  @Test
  void aChangeIsInForceWhenEveryJoiningOwnerIsReady() {
    Metadata metadata = declared(cluster(4), halves(1, 3));
    assertTrue(ring(metadata).settled());
    assertEquals(Map.of(), ring(metadata).releasing());
    metadata = changed(metadata, new MetadataCommand.SetRing(ID, 1, halves(3, 4)));
    RingRecord ring = ring(metadata);
    assertEquals(2, ring.change());
    assertEquals(Set.of(3L, 4L), ring.joining());
    assertEquals(1, ring.owner(7, 0), "reads still go to the table in force");
    assertEquals(3, ring.joining(7, 0));
    assertEquals(0, ring.joining(7, 1), "an owner stays one");
    assertTrue(ring.joins(3, 7) && !ring.joins(2, 7) && !ring.owns(3, 7));
    assertRefused(Refusal.WRONG_STATE, metadata, new MetadataCommand.ConfirmRing(ID, 2));
    metadata = changed(metadata, new MetadataCommand.RingReady(ID, 2, 4));
    assertUnchanged(metadata, new MetadataCommand.RingReady(ID, 2, 4));
    assertFalse(ring(metadata).proved());
    assertRefused(Refusal.WRONG_STATE, metadata, new MetadataCommand.ConfirmRing(ID, 2));
    metadata = changed(metadata, new MetadataCommand.RingReady(ID, 2, 3));
    assertTrue(ring(metadata).proved());
    metadata = changed(metadata, new MetadataCommand.ConfirmRing(ID, 2));
    assertUnchanged(metadata, new MetadataCommand.ConfirmRing(ID, 2));
    assertUnchanged(metadata, new MetadataCommand.RingReady(ID, 2, 3));
    ring = ring(metadata);
    assertEquals(halves(3, 4), ring.current());
    assertNull(ring.next());
    assertEquals(Set.of(), ring.joining());
    assertEquals(Map.of(1L, 2L), ring.releasing(), "1 lost its last slot");
    assertEquals(Set.of(1L, 2L, 3L, 4L), ring.holders());
  }

  @Test
  void whatWasDecidedByAnOlderStateIsRefused() {
    Metadata metadata = declared(cluster(5), everywhere(1, 2, 3));
    var next = new MetadataCommand.SetRing(ID, 1, everywhere(4, 2, 3));
    metadata = changed(metadata, next);
    assertUnchanged(metadata, next);
    var other = new MetadataCommand.SetRing(ID, 1, everywhere(5, 2, 3));
    assertRefused(Refusal.STALE, metadata, other);
    assertRefused(Refusal.STALE, metadata, new MetadataCommand.RingReady(ID, 1, 4));
    assertRefused(Refusal.STALE, metadata, new MetadataCommand.RingReady(ID, 3, 4));
    assertRefused(Refusal.STALE, metadata, new MetadataCommand.ConfirmRing(ID, 1));
    assertRefused(Refusal.INVALID, metadata, new MetadataCommand.RingReady(ID, 2, 2));
    metadata = changed(metadata, new MetadataCommand.RingReady(ID, 2, 4));
    // Another takes its place: what was proved for the change before counts for nothing.
    metadata = changed(metadata, new MetadataCommand.SetRing(ID, 2, everywhere(5, 4, 3)));
    assertEquals(Set.of(), ring(metadata).ready());
    assertRefused(Refusal.STALE, metadata, new MetadataCommand.RingReady(ID, 2, 4));
    assertRefused(Refusal.STALE, metadata, new MetadataCommand.ConfirmRing(ID, 2));
    metadata = changed(metadata, new MetadataCommand.RingReady(ID, 3, 5));
    assertRefused(Refusal.WRONG_STATE, metadata, new MetadataCommand.ConfirmRing(ID, 3));
  }

  @Test
  void aChangeIsGivenUpAtAnyTimeAndNothingIsOwedByIt() {
    Metadata metadata = declared(cluster(4), everywhere(1, 2, 3));
    metadata = changed(metadata, new MetadataCommand.SetRing(ID, 1, everywhere(4, 2, 3)));
    metadata = changed(metadata, new MetadataCommand.RingReady(ID, 2, 4));
    metadata = changed(metadata, new MetadataCommand.SetRing(ID, 2, everywhere(1, 2, 3)));
    RingRecord ring = ring(metadata);
    assertTrue(ring.settled());
    assertEquals(everywhere(1, 2, 3), ring.current());
    assertEquals(Set.of(1L, 2L, 3L), ring.holders(), "what 4 had nobody counted on");
    assertEquals(3, ring.change());
    assertUnchanged(metadata, new MetadataCommand.SetRing(ID, 3, everywhere(1, 2, 3)));
    assertRefused(Refusal.STALE, metadata, new MetadataCommand.ConfirmRing(ID, 2));
  }

  @Test
  void whereNobodyGetsAnythingTheChangeIsInForceAtOnce() {
    Metadata metadata = declared(cluster(3), everywhere(1, 2, 3));
    metadata = changed(metadata, new MetadataCommand.SetRing(ID, 1, everywhere(2, 3)));
    RingRecord ring = ring(metadata);
    assertTrue(ring.settled());
    assertEquals(2, ring.copies());
    assertEquals(Map.of(1L, 2L), ring.releasing());
  }

  @Test
  void aMemberIsRemovedWhenEverythingItHeldIsHandedOver() {
    Metadata metadata = declared(cluster(4), everywhere(1, 2, 3));
    metadata = changed(metadata, new MetadataCommand.LeaveMember(3, 0));
    assertRefused(Refusal.IN_USE, metadata, new MetadataCommand.RemoveMember(3));
    metadata = changed(metadata, new MetadataCommand.SetRing(ID, 1, everywhere(4, 2, 1)));
    metadata = changed(metadata, new MetadataCommand.LeaveMember(4, 0));
    assertRefused(Refusal.IN_USE, metadata, new MetadataCommand.RemoveMember(4));
    metadata = changed(metadata, new MetadataCommand.StayMember(4));
    metadata = changed(metadata, new MetadataCommand.RingReady(ID, 2, 4));
    metadata = changed(metadata, new MetadataCommand.ConfirmRing(ID, 2));
    assertRefused(Refusal.IN_USE, metadata, new MetadataCommand.RemoveMember(3));
    assertRefused(Refusal.STALE, metadata, new MetadataCommand.RingReleased(ID, 1, 3));
    metadata = changed(metadata, new MetadataCommand.RingReleased(ID, 2, 3));
    assertUnchanged(metadata, new MetadataCommand.RingReleased(ID, 2, 3));
    metadata = changed(metadata, new MetadataCommand.RemoveMember(3));
    assertFalse(metadata.members().containsKey(3L));
  }

  /// It may have lost its slots, got some and lost them again: an old word is about the old data.
  @Test
  void whoCameBackHasToHandOverAgain() {
    Metadata metadata = declared(cluster(3), everywhere(1, 2));
    metadata = changed(metadata, new MetadataCommand.SetRing(ID, 1, everywhere(2)));
    metadata = changed(metadata, new MetadataCommand.SetRing(ID, 2, everywhere(2, 1)));
    assertEquals(Map.of(1L, 2L), ring(metadata).releasing(), "until it owns something again");
    metadata = changed(metadata, new MetadataCommand.RingReady(ID, 3, 1));
    metadata = changed(metadata, new MetadataCommand.ConfirmRing(ID, 3));
    assertEquals(Map.of(), ring(metadata).releasing());
    metadata = changed(metadata, new MetadataCommand.SetRing(ID, 3, everywhere(2)));
    assertRefused(Refusal.STALE, metadata, new MetadataCommand.RingReleased(ID, 2, 1));
    assertEquals(
        Map.of(), ring(changed(metadata, new MetadataCommand.RingReleased(ID, 4, 1))).releasing());
  }

  @Test
  void tablesThatCannotBeAreRefused() {
    Metadata metadata = declared(cluster(4), everywhere(1, 2, 3));
    assertRefused(
        Refusal.INVALID, metadata, new MetadataCommand.SetRing(ID, 1, everywhere(1, 2, 3, 4)));
    assertRefused(
        Refusal.INVALID, metadata, new MetadataCommand.SetRing(ID, 1, everywhere(1, 2, 1)));
    assertRefused(
        Refusal.INVALID,
        metadata,
        new MetadataCommand.SetRing(ID, 1, SlotTable.of(List.of(new long[] {1}))));
    assertRefused(
        Refusal.UNKNOWN_MEMBER, metadata, new MetadataCommand.SetRing(ID, 1, everywhere(1, 2, 9)));
    assertRefused(
        Refusal.UNKNOWN_KEYSPACE, metadata, new MetadataCommand.SetRing(77, 1, everywhere(1, 2)));
    metadata = changed(metadata, new MetadataCommand.AdmitMember(node(5, "eu")));
    assertRefused(Refusal.STALE, metadata, new MetadataCommand.SetRing(ID, 1, everywhere(1, 2, 5)));
  }

  @Test
  void anEventualKeyspaceIsDeclaredOnceAndHasARingInPlaceOfGroups() {
    Metadata metadata = declared(cluster(3), everywhere(1, 2, 3));
    assertUnchanged(metadata, declare(KeyspaceDeclaration.EVENTUAL, everywhere(3, 2, 1)));
    MetadataOutcome outcome =
        MetadataRules.apply(
                metadata,
                declare(KeyspaceDeclaration.EVENTUAL.eventual(Replication.of(2)), everywhere(1, 2)))
            .outcome();
    var refused = assertInstanceOf(MetadataOutcome.Refused.class, outcome);
    assertEquals(Refusal.DIFFERS, refused.refusal());
    assertEquals("n is 3, not 2", refused.text());
    assertRefused(
        Refusal.INVALID,
        metadata,
        new MetadataCommand.DeclareKeyspace(
            "other",
            KeyspaceDeclaration.EVENTUAL.withGroups(1),
            64,
            GroupRecord.Form.REPLICATED,
            List.of(Replicas.ofVoters(List.of(1L)))));
    assertRefused(
        Refusal.DIFFERS,
        metadata,
        new MetadataCommand.DeclareKeyspace(
            "carts",
            KeyspaceDeclaration.DEFAULT,
            64,
            GroupRecord.Form.REPLICATED,
            List.of(Replicas.ofVoters(List.of(1L)))));
    var routes = new Routes(metadata);
    assertEquals(ring(metadata), routes.ring(ID));
    assertNull(routes.ring(ID + 1));
    assertNull(routes.group(ID, 0));
    assertTrue(routes.groups(ID).isEmpty());
  }

  @Test
  void whatCannotBeDeclaredSaysWhichFieldAndWhatIsAllowed() {
    Metadata metadata = cluster(3);
    assertInvalid("w is 4: a write cannot have more copies", metadata, replication(3, 2, 4));
    assertInvalid("r is 3: a read cannot have more copies", metadata, replication(2, 3, 1));
    assertInvalid("r is 0: a read needs 1 copy", metadata, replication(3, 0, 1));
    assertInvalid("w is -1: a write needs 1 copy", metadata, replication(3, 1, -1));
    assertInvalid("n is 16, allowed are 1 to 15", metadata, replication(16, 1, 1));
    assertInvalid("n is 3, and placement has 2 copies", metadata, placed(3, "eu", 2));
    assertInvalid(
        "placement names data centre 'mars', where no member is: members are in [eu]",
        metadata,
        placed(2, "mars", 2));
    assertInvalid("placement has 0 copies in data centre 'eu'", metadata, placed(0, "eu", 0, 1));
    assertInvalid("an eventual keyspace has a ring", metadata, Replication.DEFAULT, 1);
    // 22 keyspaces of fifteen copies fit the file; another would not.
    for (int i = 0; i < 22; i++) {
      metadata =
          changed(
              metadata,
              new MetadataCommand.DeclareEventual(
                  "k" + i,
                  KeyspaceDeclaration.EVENTUAL.eventual(Replication.of(15)),
                  64,
                  everywhere(1)));
    }
    assertInvalid("would not fit the metadata", metadata, Replication.of(15));
  }

  @Test
  void quorumsOfFewerMembersThanCopiesStillMeet() {
    for (int n = 1; n <= 15; n++) {
      for (int r = 1; r <= n; r++) {
        Replication replication = replication(n, r, n + 1 - r);
        for (int copies = 1; copies <= n; copies++) {
          assertTrue(replication.r(copies) + replication.w(copies) > copies);
          assertTrue(replication.r(copies) <= copies && replication.w(copies) <= copies);
        }
      }
      assertTrue(2 * Replication.quorumOf(n) > n && 2 * Replication.quorumOf(n) <= n + 2);
    }
  }

  private static void assertInvalid(String text, Metadata metadata, Replication replication) {
    assertInvalid(text, metadata, replication, 0);
  }

  private static void assertInvalid(
      String text, Metadata metadata, Replication replication, int groups) {
    var command =
        new MetadataCommand.DeclareEventual(
            "other",
            KeyspaceDeclaration.EVENTUAL.eventual(replication).withGroups(groups),
            64,
            everywhere(1));
    var refused =
        assertInstanceOf(
            MetadataOutcome.Refused.class, MetadataRules.apply(metadata, command).outcome());
    assertEquals(Refusal.INVALID, refused.refusal());
    assertTrue(refused.text().contains(text), refused.text());
  }

  private static Replication replication(int n, int r, int w) {
    return new Replication(
        n, r, w, Replication.Quorum.STRICT, Replication.Conflicts.SIBLINGS, new TreeMap<>());
  }

  private static Replication placed(int n, String centre, int copies) {
    return new Replication(
        n,
        1,
        1,
        Replication.Quorum.STRICT,
        Replication.Conflicts.SIBLINGS,
        new TreeMap<>(Map.of(centre, copies)));
  }

  /// With another data centre besides.
  private static Replication placed(int unused, String centre, int copies, int others) {
    return new Replication(
        unused + others,
        1,
        1,
        Replication.Quorum.STRICT,
        Replication.Conflicts.SIBLINGS,
        new TreeMap<>(Map.of(centre, copies, "us", others)));
  }

  private static MetadataCommand declare(KeyspaceDeclaration declaration, SlotTable table) {
    return new MetadataCommand.DeclareEventual("carts", declaration, 64, table);
  }

  private static Metadata declared(Metadata metadata, SlotTable table) {
    return changed(metadata, declare(KeyspaceDeclaration.EVENTUAL, table));
  }

  private static RingRecord ring(Metadata metadata) {
    RingRecord ring = metadata.rings().get(ID);
    assertNotNull(ring);
    return ring;
  }

  /// Members 1 to `count`, all up.
  private static Metadata cluster(int count) {
    Metadata metadata =
        changed(
            Metadata.EMPTY,
            new MetadataCommand.FoundCluster("c".repeat(32), node(1, "eu"), List.of(), ID));
    for (int i = 2; i <= count; i++) {
      metadata = changed(metadata, new MetadataCommand.AdmitMember(node(i, "eu")));
      metadata = changed(metadata, new MetadataCommand.MemberUp(i));
    }
    return metadata;
  }

  private static NodeDescription node(int n, String dataCentre) {
    return new NodeDescription(
        String.format("%032x", n),
        new Address("127.0.0.1", 10 * n, 10 * n + 1, 10 * n + 2, 10 * n + 3),
        new Location(dataCentre, "r" + n),
        1,
        n);
  }

  private static SlotTable everywhere(long... members) {
    return SlotTable.of(Collections.nCopies(Slots.COUNT, members));
  }

  /// Member 2 has all, and the others a half each.
  private static SlotTable halves(long first, long second) {
    var lists = new long[Slots.COUNT][];
    Arrays.fill(lists, 0, Slots.COUNT / 2, new long[] {first, 2});
    Arrays.fill(lists, Slots.COUNT / 2, Slots.COUNT, new long[] {2, second});
    return SlotTable.of(List.of(lists));
  }

  private static Metadata changed(Metadata metadata, MetadataCommand command) {
    MetadataRules.Transition transition = MetadataRules.apply(metadata, command);
    assertEquals(
        metadata.epoch() + 1,
        assertInstanceOf(MetadataOutcome.Changed.class, transition.outcome()).epoch());
    return transition.metadata();
  }

  private static void assertUnchanged(Metadata metadata, MetadataCommand command) {
    assertInstanceOf(
        MetadataOutcome.Unchanged.class, MetadataRules.apply(metadata, command).outcome());
  }

  private static void assertRefused(Refusal refusal, Metadata metadata, MetadataCommand command) {
    MetadataRules.Transition transition = MetadataRules.apply(metadata, command);
    assertEquals(
        refusal, assertInstanceOf(MetadataOutcome.Refused.class, transition.outcome()).refusal());
    assertEquals(metadata, transition.metadata());
  }
}
