package dev.henge.consensus.strong;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.storage.Access;
import dev.henge.storage.LogMode;
import dev.henge.storage.ModelEngine;
import dev.henge.storage.WriteBatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What is persisted, byte for byte (FORMAT.md).
final class StrongFormatTest {
  private static final HexFormat HEX = HexFormat.of();

  @Test
  void theWorkedExampleOfTheFormatPage() throws IOException {
    var increment = new Operation.Increment(bytes("n"), 1, false);
    byte[] encoded = StrongCommand.ofDatabase(0, null, Scope.Limits.DEFAULT, increment).encode();
    assertEquals(
        "01" + "02" + "00" + "808004" + "80808008" + "00" + "010c016e0200", HEX.formatHex(encoded));
    StrongCommand decoded = StrongCommand.decode(encoded);
    assertEquals(0, decoded.database());
    assertEquals(Scope.Limits.DEFAULT, decoded.limits());
  }

  @Test
  void aCommandWithARequestIdForANamedKeyspace() throws IOException {
    var id = new RequestId(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
    byte[] encoded =
        StrongCommand.ofKeyspace(1024, id, new Scope.Limits(1, 2, 300), new Operation.CountKeys())
            .encode();
    assertEquals(
        "01" + "01" + "0102030405060708090a0b0c0d0e0f10" + "8008" + "01" + "02" + "ac02" + "0126",
        HEX.formatHex(encoded));
    StrongCommand decoded = StrongCommand.decode(encoded);
    assertEquals(id, decoded.requestId());
    assertEquals(1024, decoded.keyspaceId());
    assertEquals(-1, decoded.database());
  }

  @Test
  void theRecordsOfTheGroup() throws IOException {
    var state = new AppliedState(300, 2, 5, false, 1000, 1_767_225_600_000L);
    assertEquals("0000000000" + "0003", HEX.formatHex(AppliedState.storedKey()));
    assertEquals(
        "01" + "ac02" + "02" + "05" + "00" + "e807" + "80a0d5edee66",
        HEX.formatHex(state.encode()));
    var engine = new ModelEngine();
    engine.append(new WriteBatch().put(AppliedState.storedKey(), state.encode()), LogMode.NONE);
    assertEquals(state, AppliedState.load(engine.latest(Access.DISK)));
    assertEquals(299, state.wholeIndex());

    var table = new RequestTable(RequestTable.BOUNDS);
    var batch = new WriteBatch();
    table.add(new RequestId(1, 2), 300, new Operation.Flush(false), Reply.OK, batch);
    assertEquals(
        "01"
            + "0f"
            + ("00000000000004" + "000000000000012c")
            + "13"
            + ("01" + "0000000000000001" + "0000000000000002" + "0101"),
        HEX.formatHex(batch.array(), 0, batch.byteCount()));
  }

  @Test
  void theFileThatNamesTheEngine() throws IOException {
    var disk = new SimulatedDisk();
    Path directory = Path.of("/data/groups/1");
    disk.createDirectories(directory);
    var files = new GroupFiles(disk, directory);
    var learners = new TreeSet<>(List.of(4L));
    var configuration =
        new Configuration(new TreeSet<>(List.of(1L, 2L, 3L)), new TreeSet<>(), learners);
    var current =
        new GroupFiles.Current(
            directory.resolve("engine-2"),
            Path.of("/data/databases"),
            new SnapshotMark(812, 3, configuration));
    files.write(current);
    String text = new String(disk.content(directory.resolve("CURRENT")), StandardCharsets.US_ASCII);
    assertEquals(
        "engine engine-2\nprevious ../../databases\nmark 812 3 1,2,3 - 4\n",
        text.substring(text.indexOf('\n') + 1));
    assertTrue(text.startsWith("henge-group 1 "));
    assertEquals(current, files.read());
    var plain = new GroupFiles.Current(directory.resolve("engine-1"), null, null);
    files.write(plain);
    assertEquals(plain, files.read());
  }

  @Test
  void whatIsNoCommandIsRefused() {
    assertRefused("version 2", "02", FormatException.class);
    assertRefused("flags 4", "0104", FormatException.class);
    assertRefused("ends too early", "0101", CorruptionException.class);
    assertRefused("not from 1 to", "010000", CorruptionException.class);
    assertRefused(
        "names a database",
        "01000101" + "0200" + "012a01" + "00" + "23" + "00",
        CorruptionException.class);
  }

  @Test
  void randomBytesAreRefusedByName() {
    for (long seed : Seeds.of("strong: random bytes", 5000)) {
      var random = new Random(seed);
      byte[] bytes = new byte[random.nextInt(60)];
      random.nextBytes(bytes);
      if (bytes.length > 1) {
        bytes[0] = 1;
        bytes[1] &= 3;
      }
      try {
        StrongCommand.decode(bytes);
      } catch (IOException refused) {
        assertTrue(
            refused instanceof CorruptionException || refused instanceof FormatException,
            () -> "-Dseed=" + seed + ": refused by " + refused);
      }
    }
  }

  private static void assertRefused(String what, String digits, Class<? extends IOException> kind) {
    var refusal = assertThrows(kind, () -> StrongCommand.decode(HEX.parseHex(digits)));
    @Nullable String message = refusal.getMessage();
    assertTrue(message != null && message.contains(what), message);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
