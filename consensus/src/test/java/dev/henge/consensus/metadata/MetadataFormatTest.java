package dev.henge.consensus.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.FormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
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
        new MetadataCommand.PreferLeader(1, 2));
  }

  private static Metadata metadata() {
    Metadata metadata = MetadataRules.apply(Metadata.EMPTY, commands().getFirst()).metadata();
    var other = new NodeDescription("e".repeat(32), NODE.address(), NODE.location(), 1, 1);
    metadata = MetadataRules.apply(metadata, new MetadataCommand.AdmitMember(other)).metadata();
    return metadata.without(metadata.member(2).orElseThrow());
  }

  @Test
  void theBytesAreTheGoldenOnesAndReadBack() throws IOException {
    var lines = new TreeMap<String, String>();
    lines.put("metadata", hex(MetadataFormat.encode(metadata())));
    assertEquals(metadata(), MetadataFormat.decode(MetadataFormat.encode(metadata())));
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
    byte[] bytes = MetadataFormat.encode(metadata());
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(FormatException.class, () -> MetadataFormat.decode(cut));
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThrows(FormatException.class, () -> MetadataFormat.decode(longer));
    bytes[0] = 2;
    assertThrows(FormatException.class, () -> MetadataFormat.decode(bytes));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
