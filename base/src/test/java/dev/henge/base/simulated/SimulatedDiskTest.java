package dev.henge.base.simulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Disk.OpenMode;
import dev.henge.base.DiskFile;
import dev.henge.base.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// The simulated disk loses what a disk may lose, and nothing else.
@NullMarked
class SimulatedDiskTest {
  private static final int SEEDS = 300;
  private static final Path HOME = Path.of("/data");
  private static final Path FILE = HOME.resolve("file");

  private final SimulatedDisk disk = new SimulatedDisk();

  SimulatedDiskTest() throws IOException {
    disk.createDirectories(HOME);
    disk.syncDirectory(Path.of("/"));
  }

  @Test
  void syncedContentUnderASyncedNameAlwaysSurvives() throws IOException {
    try (DiskFile file = disk.open(FILE, OpenMode.CREATE)) {
      file.write(0, filled(5_000, 1));
      file.sync();
      disk.syncDirectory(HOME);
      file.write(4_000, filled(5_000, 2));
    }
    for (int seed = 0; seed < SEEDS; seed++) {
      byte[] found = disk.crash(seed).content(FILE);
      assertTrue(found.length >= 5_000);
      for (int i = 0; i < 4_000; i++) {
        assertEquals(1, found[i]);
      }
      for (int i = 4_000; i < 5_000; i++) {
        assertTrue(found[i] == 1 || found[i] == 2);
      }
    }
  }

  @Test
  void unsyncedWritesAreLostKeptTornAndReordered() throws IOException {
    try (DiskFile file = disk.open(FILE, OpenMode.CREATE)) {
      file.write(0, filled(4_096, 1));
      file.sync();
      disk.syncDirectory(HOME);
      file.write(0, filled(1_024, 2));
      file.write(2_048, filled(1_024, 3));
    }
    Set<String> found = new HashSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      byte[] bytes = disk.crash(seed).content(FILE);
      found.add("" + bytes[0] + bytes[512] + bytes[2_048] + bytes[2_560]);
    }
    assertTrue(found.containsAll(List.of("1111", "2233", "1133", "2211")), found::toString);
    assertTrue(found.contains("2111") || found.contains("1211"), found::toString);
    assertEquals("2233", text(disk.killProcess().content(FILE)));
  }

  @Test
  void namesSurviveOnlyWithTheirDirectory() throws IOException {
    create("a");
    disk.syncDirectory(HOME);
    create("b");
    disk.rename(HOME.resolve("a"), HOME.resolve("c"));
    Set<List<String>> found = new HashSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      found.add(disk.crash(seed).list(HOME));
    }
    assertEquals(Set.of(List.of("a"), List.of("a", "b"), List.of("b", "c"), List.of("c")), found);
    disk.syncDirectory(HOME);
    for (int seed = 0; seed < SEEDS; seed++) {
      assertEquals(List.of("b", "c"), disk.crash(seed).list(HOME));
    }
  }

  @Test
  void aLostDeletionBringsTheFileBack() throws IOException {
    create("a");
    disk.syncDirectory(HOME);
    disk.delete(HOME.resolve("a"));
    Set<Boolean> found = new HashSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      found.add(disk.crash(seed).exists(HOME.resolve("a")));
    }
    assertEquals(Set.of(true, false), found);
  }

  @Test
  void hardLinksShareTheirContentOverACrash() throws IOException {
    create("a");
    disk.link(HOME.resolve("a"), HOME.resolve("b"));
    disk.syncDirectory(HOME);
    SimulatedDisk found = disk.crash(1);
    try (DiskFile file = found.open(HOME.resolve("a"), OpenMode.WRITE)) {
      file.write(0, filled(3, 7));
    }
    assertArrayEquals(new byte[] {7, 7, 7}, found.content(HOME.resolve("b")));
  }

  @Test
  void afterAFailedSyncTheDataIsGoneThoughALaterSyncSucceeds() throws IOException {
    create("file");
    disk.syncDirectory(HOME);
    try (DiskFile file = disk.open(FILE, OpenMode.WRITE)) {
      file.write(0, filled(10, 5));
      disk.observe(
          new SimulatedDisk.Observer() {
            @Override
            public void before(DiskOperation operation) throws IOException {
              if (operation.kind() == DiskOperation.Kind.SYNC) {
                throw new SimulatedDisk.FailedSync(operation.path());
              }
            }
          });
      assertThrows(IOException.class, file::sync);
      disk.observe(new SimulatedDisk.Observer() {});
      file.sync();
      assertEquals(10, file.size());
    }
    for (int seed = 0; seed < SEEDS; seed++) {
      assertEquals(0, disk.crash(seed).content(FILE).length);
    }
  }

  @Test
  void aFullDiskTakesWhatFitsAndMoreAfterADeletion() throws IOException {
    disk.capacity(100);
    create("a");
    try (DiskFile file = disk.open(HOME.resolve("a"), OpenMode.WRITE)) {
      file.write(0, filled(60, 1));
    }
    try (DiskFile file = disk.open(FILE, OpenMode.CREATE)) {
      assertThrows(DiskFullException.class, () -> file.write(0, filled(60, 2)));
      assertEquals(0, disk.usableBytes(HOME));
      disk.delete(HOME.resolve("a"));
      file.write(0, filled(60, 2));
    }
    assertEquals(60, disk.usedBytes());
  }

  @Test
  void locksDieWithTheProcess() throws Exception {
    Path path = HOME.resolve("LOCK");
    try (AutoCloseable lock = disk.lock(path)) {
      assertThrows(IOException.class, () -> disk.lock(path));
      disk.killProcess().lock(path).close();
    }
    disk.lock(path).close();
  }

  @Test
  void withoutPowerNothingWorks() throws IOException {
    create("a");
    disk.powerOff();
    assertThrows(SimulatedDisk.PowerOff.class, () -> disk.open(FILE, OpenMode.CREATE));
    assertFalse(disk.crash(1).exists(FILE));
  }

  private void create(String name) throws IOException {
    disk.open(HOME.resolve(name), OpenMode.CREATE).close();
  }

  private static ByteBuffer filled(int count, int value) {
    var bytes = new byte[count];
    Arrays.fill(bytes, (byte) value);
    return ByteBuffer.wrap(bytes);
  }

  private static String text(byte[] bytes) {
    return "" + bytes[0] + bytes[512] + bytes[2_048] + bytes[2_560];
  }
}
