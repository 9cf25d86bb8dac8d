package dev.henge.server.cluster;

import static dev.henge.server.cluster.LoneNode.DATA;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.CheckedFile;
import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.base.FormatException;
import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.Durability;
import dev.henge.consensus.metadata.EngineKind;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.consensus.metadata.KeyspaceMode;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.Replication;
import dev.henge.server.store.DeclareOutcome;
import dev.henge.storage.lsm.table.Compression;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// A node's first start, on an empty directory and on one of a version that knew no clusters, on a
/// disk that loses power, fills up and rots.
final class FoundingTest {
  private static final KeyspaceDeclaration OTHER =
      new KeyspaceDeclaration(
          KeyspaceMode.STRONG,
          EngineKind.LSM,
          Durability.INTERVAL,
          60_000,
          Compression.ZSTD,
          1,
          100,
          1000,
          Replication.NONE);

  /// What the older version wrote, byte for byte.
  private static final String OLD_CATALOG =
      """
      henge-catalog 1 3c15f551
      {"nextId":1025,"keyspaces":[{"name":"users","id":1024,"mode":"strong","engine":"lsm",\
      "durability":"interval","ttlMillis":60000,"compression":"zstd",\
      "limits":{"keyBytes":100,"valueBytes":1000}}]}
      """;

  private static final String OLD_ID = "0123456789abcdef0123456789abcdef";

  @Test
  void declarationsAndIdentityLast() throws Exception {
    var disk = new SimulatedDisk();
    String id;
    String cluster;
    try (var node = new LoneNode(disk, 1)) {
      id = node.node().id();
      cluster = node.cluster().map().metadata().clusterId();
      assertInstanceOf(DeclareOutcome.Created.class, node.declare("users", OTHER));
      assertInstanceOf(DeclareOutcome.Existing.class, node.declare("users", OTHER));
      var differs =
          assertInstanceOf(
              DeclareOutcome.Differs.class, node.declare("users", KeyspaceDeclaration.DEFAULT));
      assertTrue(differs.difference().contains("ttlMillis is 60000, not 0"), differs.toString());
      for (int i = 1; i < 4; i++) {
        assertInstanceOf(DeclareOutcome.Created.class, node.declare("k" + i, OTHER));
      }
      assertEquals(new DeclareOutcome.TooMany(4), node.declare("k4", OTHER));
      assertInstanceOf(DeclareOutcome.BadName.class, node.declare("16", OTHER));
    }
    try (var node = new LoneNode(disk, 2)) {
      assertEquals(id, node.node().id());
      assertEquals(cluster, node.cluster().map().metadata().clusterId());
      assertEquals(1, node.cluster().self());
      assertEquals(
          new DeclaredKeyspace("users", 1024, OTHER), node.node().catalog().declared().getFirst());
      assertEquals(4, node.node().catalog().declared().size());
    }
  }

  @Test
  void anOlderDirectoryBecomesAClusterOfOneOnce() throws Exception {
    SimulatedDisk disk = oldDirectory();
    String page = Files.readString(Path.of("src/main/java/dev/henge/server/store/FORMAT.md"));
    assertTrue(page.contains(OLD_CATALOG.indent(4)), "FORMAT.md shows the same bytes");
    for (int start = 0; start < 2; start++) {
      try (var node = new LoneNode(disk, start)) {
        assertEquals(OLD_ID, node.node().id());
        Metadata metadata = node.cluster().map().metadata();
        assertEquals(
            List.of(new DeclaredKeyspace("users", 1024, OTHER)), node.node().catalog().declared());
        GroupRecord group = metadata.group(2).orElseThrow();
        assertEquals(1024, group.keyspace());
        assertEquals(GroupRecord.Form.LOCAL, group.form());
      }
      assertFalse(disk.exists(DATA.resolve("CATALOG")));
    }
    try (var node = new LoneNode(disk, 3)) {
      var made = assertInstanceOf(DeclareOutcome.Created.class, node.declare("more", OTHER));
      // 1030 is a directory that a crash left unnamed: its id is never used.
      assertEquals(1031, made.keyspace().id());
    }
  }

  /// The power fails at every operation of a first start and two declarations: what was answered is
  /// there, no id is given twice, and the older directory's keyspaces are never lost.
  @Test
  void whatWasAcknowledgedSurvivesEveryPowerLoss() throws Exception {
    long operations = run(oldDirectory(), new HashSet<>(), Long.MAX_VALUE);
    assertTrue(operations > 20, "operations: " + operations);
    for (long seed : Seeds.of("FoundingTest.powerLoss", 40)) {
      long at = 1 + Math.floorMod(seed, operations);
      String where = "-Dseed=" + seed;
      SimulatedDisk disk = oldDirectory();
      Set<String> acknowledged = new HashSet<>(Set.of("users"));
      run(disk, acknowledged, at);
      SimulatedDisk after = disk.crash(seed);
      try (var node = new LoneNode(after, seed)) {
        Set<String> there = new HashSet<>();
        Set<Integer> ids = new HashSet<>();
        for (DeclaredKeyspace keyspace : node.node().catalog().declared()) {
          there.add(keyspace.name());
          assertTrue(ids.add(keyspace.id()), where);
        }
        assertTrue(there.containsAll(acknowledged), where + ": " + acknowledged + " " + there);
        var next =
            assertInstanceOf(DeclareOutcome.Created.class, node.declare("next", OTHER), where);
        assertTrue(ids.add(next.keyspace().id()), where);
        assertEquals(OLD_ID, node.node().id(), where);
      }
    }
  }

  @Test
  void everyFlippedBitOfTheNodesFilesIsFound() throws Exception {
    var disk = new SimulatedDisk();
    try (var node = new LoneNode(disk, 1)) {
      assertInstanceOf(DeclareOutcome.Created.class, node.declare("users", OTHER));
    }
    for (String name : List.of("NODE", "CLUSTER", "METADATA")) {
      Path file = DATA.resolve(name);
      for (long bit = 0; bit < disk.size(file) * 8; bit += 61) {
        disk.flipBit(file, bit);
        var damage =
            assertThrows(
                CorruptionException.class,
                () -> new LoneNode(disk, 2).close(),
                name + " bit " + bit);
        assertTrue(damage.toString().contains(name), damage.toString());
        disk.flipBit(file, bit);
      }
      new LoneNode(disk, 3).close();
    }
  }

  @Test
  void aNewerFormatIsRefusedUntouched() throws Exception {
    for (String name : List.of("NODE", "CLUSTER", "METADATA")) {
      var disk = new SimulatedDisk();
      new LoneNode(disk, 1).close();
      Path file = DATA.resolve(name);
      new CheckedFile(disk, file, "henge-" + name.toLowerCase(Locale.ROOT), 3)
          .write("a body of the future\n");
      byte[] before = disk.content(file);
      var refused = assertThrows(FormatException.class, () -> new LoneNode(disk, 2).close());
      assertTrue(refused.toString().contains("format version 3"), refused.toString());
      assertEquals(
          new String(before, StandardCharsets.UTF_8),
          new String(disk.content(file), StandardCharsets.UTF_8));
    }
  }

  @Test
  void aMissingIdentityBesideDataIsDamage() throws Exception {
    var disk = new SimulatedDisk();
    new LoneNode(disk, 1).close();
    disk.delete(DATA.resolve("NODE"));
    assertThrows(CorruptionException.class, () -> new LoneNode(disk, 2).close());
  }

  @Test
  void anotherClustersMetadataIsDamage() throws Exception {
    var disk = new SimulatedDisk();
    new LoneNode(disk, 1).close();
    var other = new SimulatedDisk();
    new LoneNode(other, 2).close();
    byte[] metadata = other.content(DATA.resolve("METADATA"));
    disk.delete(DATA.resolve("METADATA"));
    try (var file = disk.open(DATA.resolve("METADATA"), Disk.OpenMode.CREATE)) {
      file.write(0, ByteBuffer.wrap(metadata));
    }
    assertThrows(CorruptionException.class, () -> new LoneNode(disk, 3).close());
  }

  /// Operations used; the machine dies before operation `dieAt`.
  private static long run(SimulatedDisk disk, Set<String> acknowledged, long dieAt)
      throws IOException {
    long before = disk.operationCount();
    disk.observe(
        new SimulatedDisk.Observer() {
          @Override
          public void before(DiskOperation operation) {
            if (disk.operationCount() - before >= dieAt) {
              disk.powerOff();
            }
          }
        });
    try (var node = new LoneNode(disk, 7)) {
      for (String name : List.of("a", "b")) {
        if (node.declare(name, OTHER) instanceof DeclareOutcome.Created) {
          acknowledged.add(name);
        }
      }
    } catch (SimulatedDisk.PowerOff off) {
      assertNotEquals(Long.MAX_VALUE, dieAt);
    }
    return disk.operationCount() - before;
  }

  /// As the older version left it, with a keyspace and a directory that a crash left unnamed.
  private static SimulatedDisk oldDirectory() throws IOException {
    var disk = new SimulatedDisk();
    disk.createDirectories(DATA.resolve("keyspaces").resolve("1030"));
    disk.syncDirectory(Path.of("/"));
    new CheckedFile(disk, DATA.resolve("NODE"), "henge-node", 1).write(OLD_ID + "\n");
    new CheckedFile(disk, DATA.resolve("CATALOG"), "henge-catalog", 1)
        .write(OLD_CATALOG.substring(OLD_CATALOG.indexOf('\n') + 1));
    assertEquals(
        OLD_CATALOG, new String(disk.content(DATA.resolve("CATALOG")), StandardCharsets.UTF_8));
    disk.syncDirectory(DATA.resolve("keyspaces"));
    return disk;
  }
}
