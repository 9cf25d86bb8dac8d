package dev.henge.consensus.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.FormatException;
import dev.henge.base.Slots;
import dev.henge.base.ring.SlotTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The bytes of metadata, commands and outcomes: as FORMAT.md and the golden file have them.
final class MetadataFormatTest {
  private static final Path GOLDEN = Path.of("src/test/resources/metadata-format.txt");

  private static final NodeDescription NODE =
      new NodeDescription(
          "00112233445566778899aabbccddeeff",
          new Address("127.0.0.1", 7400, 7401, 7402, 7403),
          new Location("eu", "r1"),
          2,
          3);

  private static final DeclaredKeyspace USERS =
      new DeclaredKeyspace("users", 1024, KeyspaceDeclaration.DEFAULT);

  private static final KeyspaceDeclaration EVENTUAL =
      KeyspaceDeclaration.EVENTUAL.eventual(
          new Replication(
              3,
              1,
              2,
              Replication.Quorum.STRICT,
              Replication.Conflicts.LATEST,
              new TreeMap<>(Map.of("eu", 2, "us", 1))));

  private static final Replicas REPLICAS = Replicas.ofVoters(List.of(1L, 2L));

  private static List<MetadataCommand> commands() {
    return List.of(
        new MetadataCommand.FoundCluster("f".repeat(32), NODE, List.of(USERS), 1025),
        new MetadataCommand.AdmitMember(NODE),
        new MetadataCommand.UpdateMember(2, NODE),
        new MetadataCommand.MemberUp(2),
        new MetadataCommand.LeaveMember(2, 3),
        new MetadataCommand.StayMember(2),
        new MetadataCommand.RemoveMember(2),
        new MetadataCommand.DeclareKeyspace(
            "users",
            KeyspaceDeclaration.DEFAULT,
            64,
            GroupRecord.Form.REPLICATED,
            List.of(REPLICAS)),
        new MetadataCommand.ReplicateGroup(1),
        new MetadataCommand.SetTarget(1, 2, REPLICAS),
        new MetadataCommand.ConfirmTarget(1, 3),
        new MetadataCommand.PreferLeader(1, 2),
        new MetadataCommand.DeclareEventual("carts", EVENTUAL, 64, table(1, 2)),
        new MetadataCommand.SetRing(1025, 1, table(2, 3)),
        new MetadataCommand.RingReady(1025, 2, 3),
        new MetadataCommand.ConfirmRing(1025, 2),
        new MetadataCommand.RingReleased(1025, 2, 1));
  }

  /// All slots, the first quarter in one order and the rest in the other.
  private static SlotTable table(long first, long second) {
    var lists = new ArrayList<long[]>();
    for (int slot = 0; slot < Slots.COUNT; slot++) {
      lists.add(slot < Slots.COUNT / 4 ? new long[] {first, second} : new long[] {second, first});
    }
    return SlotTable.of(lists);
  }

  private static Metadata metadata() {
    Metadata metadata = MetadataRules.apply(Metadata.EMPTY, commands().getFirst()).metadata();
    var other = new NodeDescription("e".repeat(32), NODE.address(), NODE.location(), 1, 1);
    metadata = MetadataRules.apply(metadata, new MetadataCommand.AdmitMember(other)).metadata();
    return metadata.without(metadata.member(2).orElseThrow());
  }

  private static Metadata withRings() {
    var keyspaces = new TreeMap<>(metadata().keyspaces());
    keyspaces.put(1025, new DeclaredKeyspace("carts", 1025, EVENTUAL));
    keyspaces.put(1026, new DeclaredKeyspace("seen", 1026, KeyspaceDeclaration.EVENTUAL));
    var rings = new TreeMap<Integer, RingRecord>();
    rings.put(
        1025,
        new RingRecord(
            1025,
            3,
            table(1, 2),
            table(2, 3),
            new TreeSet<>(List.of(3L)),
            new TreeMap<>(Map.of(4L, 2L))));
    rings.put(1026, RingRecord.begun(1026, table(5, 6)));
    Metadata before = metadata();
    return before.next(
        before.members(), before.barred(), keyspaces, before.groups(), rings, 7, 1027, 3);
  }

  @Test
  void theBytesAreTheGoldenOnesAndReadBack() throws IOException {
    var lines = new TreeMap<String, String>();
    lines.put("metadata", hex(MetadataFormat.encode(metadata())));
    assertEquals(metadata(), MetadataFormat.decode(MetadataFormat.encode(metadata())));
    lines.put("metadata with rings", hex(MetadataFormat.encode(withRings())));
    assertEquals(withRings(), MetadataFormat.decode(MetadataFormat.encode(withRings())));
    for (MetadataCommand command : commands()) {
      byte[] bytes = MetadataFormat.encode(command);
      assertEquals(command, MetadataFormat.decodeCommand(bytes));
      lines.put("command " + command.getClass().getSimpleName(), hex(bytes));
    }
    for (MetadataOutcome outcome :
        List.of(
            new MetadataOutcome.Changed(7, 2),
            new MetadataOutcome.Unchanged(7, 2),
            new MetadataOutcome.Refused(7, MetadataOutcome.Refusal.BARRED, "why"))) {
      byte[] bytes = MetadataFormat.encode(outcome);
      assertEquals(outcome, MetadataFormat.decodeOutcome(bytes));
      lines.put("outcome " + outcome.getClass().getSimpleName(), hex(bytes));
    }
    var text = new StringBuilder();
    lines.forEach((name, bytes) -> text.append(name).append(' ').append(bytes).append('\n'));
    if (Boolean.getBoolean("rewrite")) {
      Files.createDirectories(GOLDEN.getParent());
      Files.writeString(GOLDEN, text);
    }
    assertEquals(Files.readString(GOLDEN), text.toString(), "rewritten by -Drewrite=true");
  }

  @Test
  void theExampleOfThePageIsTrue() throws IOException {
    String page =
        Files.readString(
            Path.of("src/main/java/dev/henge/consensus/metadata/FORMAT.md"),
            StandardCharsets.UTF_8);
    byte[] example = MetadataFormat.encode(new MetadataCommand.ConfirmTarget(1, 3));
    assertTrue(page.contains(HexFormat.ofDelimiter(" ").formatHex(example)));
  }

  @Test
  void otherBytesAreRefused() {
    otherBytesAreRefused(MetadataFormat.encode(metadata()));
    otherBytesAreRefused(MetadataFormat.encode(withRings()));
  }

  private static void otherBytesAreRefused(byte[] bytes) {
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(FormatException.class, () -> MetadataFormat.decode(cut));
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThrows(FormatException.class, () -> MetadataFormat.decode(longer));
    bytes[0] = 3;
    assertThrows(FormatException.class, () -> MetadataFormat.decode(bytes));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
