package dev.henge.base.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.henge.base.Disk;
import dev.henge.base.Disk.OpenMode;
import dev.henge.base.DiskFile;
import dev.henge.base.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SystemDiskTest {
  @TempDir Path directory;

  private final Disk disk = new SystemDisk();

  @Test
  void whatIsWrittenIsReadAtItsPlace() throws IOException {
    Path path = directory.resolve("file");
    try (DiskFile file = disk.open(path, OpenMode.CREATE)) {
      file.write(10, bytes("hello"));
      file.sync();
      disk.syncDirectory(directory);
      assertEquals(15, file.size());
      var target = ByteBuffer.allocate(20);
      assertEquals(12, file.read(3, target));
      assertArrayEquals("hello".getBytes(StandardCharsets.UTF_8), slice(target, 7, 5));
      assertEquals(0, target.get(0), "a gap reads as zeros");
      assertEquals(0, file.read(15, ByteBuffer.allocate(1)));
      assertEquals(0, file.read(99, ByteBuffer.allocate(1)));
      file.truncate(12);
      file.truncate(100);
      assertEquals(12, file.size());
    }
    assertEquals(12, disk.size(path));
  }

  /// Whether a page stays in memory is the system's choice: what is certain is where nothing is.
  @Test
  void nothingIsResidentWhereNothingIs() throws IOException {
    Path path = directory.resolve("file");
    try (DiskFile file = disk.open(path, OpenMode.CREATE)) {
      assertFalse(file.isResident(0, 1), "a file that is written is not asked");
      file.write(0, bytes("hello"));
    }
    try (DiskFile file = disk.open(path, OpenMode.READ)) {
      file.read(0, ByteBuffer.allocate(5));
      boolean resident = file.isResident(0, 5);
      assertFalse(file.isResident(0, 6));
      assertFalse(file.isResident(5, 1));
      assertEquals(5, file.read(0, ByteBuffer.allocate(9)), "asked before: " + resident);
    }
  }

  @Test
  void openingSaysWhatMustBeThere() throws IOException {
    Path path = directory.resolve("file");
    assertThrows(NoSuchFileException.class, () -> disk.open(path, OpenMode.READ));
    assertThrows(NoSuchFileException.class, () -> disk.open(path, OpenMode.WRITE));
    disk.open(path, OpenMode.CREATE).close();
    assertThrows(FileAlreadyExistsException.class, () -> disk.open(path, OpenMode.CREATE));
  }

  @Test
  void renamingReplacesAndLinkingShares() throws IOException {
    write("a", "one");
    write("b", "two");
    disk.rename(directory.resolve("a"), directory.resolve("b"));
    assertEquals("one", read("b"));
    assertFalse(disk.exists(directory.resolve("a")));
    disk.link(directory.resolve("b"), directory.resolve("c"));
    disk.delete(directory.resolve("b"));
    assertEquals("one", read("c"));
    assertEquals(List.of("c"), disk.list(directory));
    assertThrows(NoSuchFileException.class, () -> disk.delete(directory.resolve("b")));
  }

  @Test
  void directoriesAreMadeWithTheirParentsAndListedInOrder() throws IOException {
    Path deep = directory.resolve("x/y/z");
    disk.createDirectories(deep);
    disk.createDirectories(deep);
    write("x/2", "");
    write("x/1", "");
    assertEquals(List.of("1", "2", "y"), disk.list(directory.resolve("x")));
    write("file", "");
    assertThrows(IOException.class, () -> disk.createDirectories(directory.resolve("file")));
  }

  @Test
  void aLockIsHeldOnceAndGivenBack() throws Exception {
    Path path = directory.resolve("LOCK");
    try (AutoCloseable lock = disk.lock(path)) {
      IOException held = assertThrows(IOException.class, () -> disk.lock(path));
      assertTrue(held.toString().contains(path.toAbsolutePath().toString()), held::toString);
    }
    disk.lock(path).close();
  }

  @Test
  void aFullDiskIsNamed() throws IOException {
    // Linux has a device that is always full.
    Path full = Path.of("/dev/full");
    assumeTrue(disk.exists(full), "there is no always-full device here");
    try (DiskFile file = disk.open(full, OpenMode.WRITE)) {
      var error = assertThrows(DiskFullException.class, () -> file.write(0, bytes("x")));
      assertTrue(error.toString().contains("/dev/full"), error::toString);
    }
  }

  @Test
  void spaceIsKnown() throws IOException {
    assertTrue(disk.usableBytes(directory) > 0);
  }

  private void write(String name, String text) throws IOException {
    try (DiskFile file = disk.open(directory.resolve(name), OpenMode.CREATE)) {
      file.write(0, bytes(text));
    }
  }

  private String read(String name) throws IOException {
    try (DiskFile file = disk.open(directory.resolve(name), OpenMode.READ)) {
      var target = ByteBuffer.allocate((int) file.size());
      file.read(0, target);
      return new String(target.array(), StandardCharsets.UTF_8);
    }
  }

  private static byte[] slice(ByteBuffer buffer, int offset, int length) {
    var slice = new byte[length];
    buffer.get(offset, slice);
    return slice;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
