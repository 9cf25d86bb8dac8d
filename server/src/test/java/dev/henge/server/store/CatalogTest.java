package dev.henge.server.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.CheckedFile;
import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.base.FormatException;
import dev.henge.base.Randomness;
import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.system.SystemClock;
import dev.henge.base.system.SystemThreads;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.Durability;
import dev.henge.consensus.metadata.EngineKind;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.consensus.metadata.KeyspaceMode;
import dev.henge.data.Scope;
import dev.henge.storage.ModelEngine;
import dev.henge.storage.lsm.table.Compression;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The catalog and the data directory on a disk that loses power, fills up and rots. Engines are
/// models: what is tested is which keyspaces there are.
final class CatalogTest {
  private static final Path DATA = Path.of("/data");
  private static final KeyspaceDeclaration OTHER =
      new KeyspaceDeclaration(
          KeyspaceMode.STRONG,
          EngineKind.LSM,
          Durability.INTERVAL,
          60_000,
          Compression.ZSTD,
          100,
          1000);

  private final SystemThreads threads = new SystemThreads();
  private final AtomicLong seed = new AtomicLong(Long.getLong("seed", System.nanoTime()));
  private final Randomness randomness = seed::incrementAndGet;

  @AfterEach
  void stop() {
    threads.close();
  }

  /// A directory and its catalog, opened together.
  private record Opened(DataDirectory directory, Catalog catalog) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      catalog.close();
      directory.close();
    }
  }

  private Opened open(Disk disk) throws IOException {
    DataDirectory directory = DataDirectory.open(disk, DATA, randomness);
    try {
      var options =
          new Catalog.Options(
              Durability.FSYNC, Compression.LZ4, Duration.ofSeconds(1), Scope.Limits.DEFAULT, 4);
      return new Opened(
          directory,
          Catalog.open(
              directory,
              (path, role, filter) -> new ModelEngine(),
              options,
              new SystemClock(),
              randomness,
              threads));
    } catch (IOException e) {
      directory.close();
      throw e;
    }
  }

  @Test
  void theFilesStandAsTheFormatPageSays() throws Exception {
    var disk = new SimulatedDisk();
    try (Opened opened = open(disk)) {
      opened.catalog.declare("users", OTHER);
    }
    String expected =
        """
        henge-catalog 1 3c15f551
        {"nextId":1025,"keyspaces":[{"name":"users","id":1024,"mode":"strong","engine":"lsm",\
        "durability":"interval","ttlMillis":60000,"compression":"zstd",\
        "limits":{"keyBytes":100,"valueBytes":1000}}]}
        """;
    assertEquals(expected, new String(disk.content(DATA.resolve("CATALOG")), UTF_8));
    String page = Files.readString(Path.of("src/main/java/dev/henge/server/store/FORMAT.md"));
    assertTrue(page.contains(expected.indent(4)), "FORMAT.md shows the same bytes");
    String identity = new String(disk.content(DATA.resolve("NODE")), UTF_8);
    assertTrue(identity.matches("henge-node 1 [0-9a-f]{8}\n[0-9a-f]{32}\n"), identity);
  }

  @Test
  void declarationsAndIdentityLast() throws Exception {
    var disk = new SimulatedDisk();
    String nodeId;
    try (Opened opened = open(disk)) {
      nodeId = opened.directory.nodeId();
      assertInstanceOf(DeclareOutcome.Created.class, opened.catalog.declare("users", OTHER));
      assertInstanceOf(DeclareOutcome.Existing.class, opened.catalog.declare("users", OTHER));
      var differs =
          assertInstanceOf(
              DeclareOutcome.Differs.class,
              opened.catalog.declare("users", KeyspaceDeclaration.DEFAULT));
      assertTrue(differs.difference().contains("ttlMillis is 60000, not 0"), differs.toString());
    }
    try (Opened opened = open(disk)) {
      assertEquals(nodeId, opened.directory.nodeId());
      assertEquals(List.of(new DeclaredKeyspace("users", 1024, OTHER)), opened.catalog.declared());
      Keyspaces keyspaces = opened.catalog.keyspaces();
      Keyspace users = keyspaces.find("users");
      assertEquals(1024, users == null ? 0 : users.id());
      assertEquals(keyspaces.database(0), keyspaces.find("default"));
      assertEquals(keyspaces.database(15), keyspaces.find("15"));
      assertNull(keyspaces.find("16"));
    }
  }

  @Test
  void thereIsAnEndToKeyspaces() throws Exception {
    try (Opened opened = open(new SimulatedDisk())) {
      for (int i = 0; i < 4; i++) {
        assertInstanceOf(DeclareOutcome.Created.class, opened.catalog.declare("k" + i, OTHER));
      }
      assertEquals(new DeclareOutcome.TooMany(4), opened.catalog.declare("k4", OTHER));
    }
  }

  /// The power fails at every operation of three declarations, several ways each: what was answered
  /// is there, and no id is ever given twice.
  @Test
  void acknowledgedKeyspacesSurviveEveryPowerLoss() throws Exception {
    long operations = declareThree(new SimulatedDisk(), new HashSet<>(), Long.MAX_VALUE);
    assertTrue(operations > 20, "operations: " + operations);
    for (long at = 1; at <= operations; at++) {
      for (int style = 0; style < 6; style++) {
        long crashSeed = seed.incrementAndGet();
        String where = "operation " + at + ", -Dseed=" + (crashSeed - 1);
        var disk = new SimulatedDisk();
        Set<String> acknowledged = new HashSet<>();
        declareThree(disk, acknowledged, at);
        SimulatedDisk after = disk.crash(crashSeed);
        try (Opened opened = open(after)) {
          Set<String> there = new HashSet<>();
          Set<Integer> ids = new HashSet<>();
          for (DeclaredKeyspace keyspace : opened.catalog.declared()) {
            there.add(keyspace.name());
            assertTrue(ids.add(keyspace.id()), where);
          }
          assertTrue(there.containsAll(acknowledged), where + ": " + acknowledged + " " + there);
          var next =
              assertInstanceOf(
                  DeclareOutcome.Created.class, opened.catalog.declare("next", OTHER), where);
          assertTrue(ids.add(next.keyspace().id()), where);
        }
      }
    }
  }

  /// Operations used; the machine dies before operation `dieAt`.
  private long declareThree(SimulatedDisk disk, Set<String> acknowledged, long dieAt)
      throws IOException {
    disk.observe(
        new SimulatedDisk.Observer() {
          @Override
          public void before(DiskOperation operation) {
            if (disk.operationCount() >= dieAt) {
              disk.powerOff();
            }
          }
        });
    try (Opened opened = open(disk)) {
      for (String name : new String[] {"a", "b", "c"}) {
        opened.catalog.declare(name, OTHER);
        acknowledged.add(name);
      }
    } catch (SimulatedDisk.PowerOff off) {
      assertNotEquals(Long.MAX_VALUE, dieAt);
    }
    return disk.operationCount();
  }

  @Test
  void everyFlippedBitIsFound() throws Exception {
    var disk = new SimulatedDisk();
    try (Opened opened = open(disk)) {
      opened.catalog.declare("users", OTHER);
    }
    for (String name : new String[] {"CATALOG", "NODE"}) {
      Path file = DATA.resolve(name);
      long bits = disk.size(file) * 8;
      for (long bit = 0; bit < bits; bit++) {
        disk.flipBit(file, bit);
        var damage =
            assertThrows(CorruptionException.class, () -> open(disk).close(), name + " bit " + bit);
        assertTrue(damage.toString().contains(name), damage.toString());
        disk.flipBit(file, bit);
      }
      open(disk).close();
    }
  }

  @Test
  void aNewerFormatIsRefusedUntouched() throws Exception {
    for (String name : new String[] {"CATALOG", "NODE"}) {
      var disk = new SimulatedDisk();
      open(disk).close();
      String kind = name.equals("NODE") ? "henge-node" : "henge-catalog";
      new CheckedFile(disk, DATA.resolve(name), kind, 2).write("a body of the future\n");
      byte[] before = disk.content(DATA.resolve(name));
      var refused = assertThrows(FormatException.class, () -> open(disk).close());
      assertTrue(refused.toString().contains("format version 2"), refused.toString());
      assertEquals(new String(before, UTF_8), new String(disk.content(DATA.resolve(name)), UTF_8));
    }
  }

  @Test
  void aMissingIdentityBesideDataIsDamage() throws Exception {
    var disk = new SimulatedDisk();
    try (Opened opened = open(disk)) {
      opened.catalog.declare("users", OTHER);
    }
    disk.delete(DATA.resolve("NODE"));
    assertThrows(CorruptionException.class, () -> open(disk).close());
  }

  @Test
  void oneProcessHoldsADirectoryAndAReadOnlyOneIsNamed() throws Exception {
    var disk = new SimulatedDisk();
    try (Opened opened = open(disk)) {
      assertThrows(IOException.class, () -> open(disk).close());
    }
    open(disk).close();
    disk.observe(
        new SimulatedDisk.Observer() {
          @Override
          public void before(DiskOperation operation) throws IOException {
            throw new AccessDeniedException(DATA.toString());
          }
        });
    var refused = assertThrows(IOException.class, () -> open(disk).close());
    assertTrue(refused.toString().contains("cannot be written"), refused.toString());
  }

  @Test
  void aFullDiskRefusesADeclarationAndTheNextOneSucceeds() throws Exception {
    var disk = new SimulatedDisk();
    try (Opened opened = open(disk)) {
      disk.capacity(disk.usedBytes() + 10);
      assertThrows(IOException.class, () -> opened.catalog.declare("users", OTHER));
      assertTrue(opened.catalog.declared().isEmpty());
      assertNull(opened.catalog.keyspaces().find("users"));
      disk.capacity(1 << 20);
      assertInstanceOf(DeclareOutcome.Created.class, opened.catalog.declare("users", OTHER));
    }
    try (Opened opened = open(disk)) {
      assertFalse(opened.catalog.declared().isEmpty());
    }
  }
}
