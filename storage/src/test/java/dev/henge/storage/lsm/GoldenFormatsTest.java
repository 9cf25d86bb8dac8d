package dev.henge.storage.lsm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.base.FormatException;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.lsm.inspect.DumpOptions;
import dev.henge.storage.lsm.log.CommitLog;
import dev.henge.storage.lsm.log.LogCheck;
import dev.henge.storage.lsm.table.BlockCache;
import dev.henge.storage.lsm.table.Compression;
import dev.henge.storage.lsm.table.InternalCursor;
import dev.henge.storage.lsm.table.RangeTombstones;
import dev.henge.storage.lsm.table.Table;
import dev.henge.storage.lsm.table.TableBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/// The bytes of each format, as annotated dumps: what is written now must equal them, and files
/// that an earlier version wrote must be readable for ever. The FORMAT.md files show the same
/// dumps.
///
/// `-Drewrite=true` writes dumps and FORMAT.md files anew. Never do that to a dump of a released
/// version: a change of the format is a new version with files of its own.
class GoldenFormatsTest {
  private static final Path RESOURCES = Path.of("src/test/resources/dev/henge/storage/lsm");
  private static final Path SOURCES = Path.of("src/main/java/dev/henge/storage/lsm");
  private static final Path DIRECTORY = Path.of("/engine");
  private static final Path LOG = DIRECTORY.resolve("wal");
  private static final Path SEGMENT = LOG.resolve("000000000001.wal");
  private static final Path TABLE = DIRECTORY.resolve("000000000007.sst");
  private static final Path MANIFEST = DIRECTORY.resolve("MANIFEST");

  private final SimulatedDisk disk = new SimulatedDisk();

  GoldenFormatsTest() throws IOException {
    disk.createDirectories(LOG);
  }

  @Test
  void logSegmentsAreWrittenAsTheGoldenOne() throws IOException {
    writeLog();
    compare(
        "wal.v1.txt", SOURCES.resolve("log/FORMAT.md"), dump(inspector -> inspector.wal(SEGMENT)));
  }

  @Test
  void goldenLogSegmentsAreReadForEver() throws IOException {
    put(SEGMENT, "wal.v1.txt", 4096);
    List<String> problems = new ArrayList<>();
    List<String> operations = new ArrayList<>();
    LogCheck.check(
        disk, LOG, 1, problem -> problems.add(problem.getMessage()), note -> {}, bytes -> {});
    LogCheck.operations(
        disk,
        LOG,
        1,
        (sequence, kind, first, second, file, offset) ->
            operations.add(sequence + " " + kind + " " + text(first) + " " + text(second)));
    assertEquals(List.of(), problems);
    assertEquals(
        List.of("1 1 apple red", "2 1 banana yellow", "4 0 apple ", "5 2 b c"), operations);
  }

  @Test
  void tablesAreWrittenAsTheGoldenOne() throws IOException {
    writeTable(Compression.NONE);
    compare(
        "table.v1.txt",
        SOURCES.resolve("table/FORMAT.md"),
        dump(inspector -> inspector.sst(TABLE)));
  }

  /// What a codec makes of a block may change with its version, so only reading is pinned.
  @Test
  void goldenTablesAreReadForEver() throws IOException {
    for (Compression compression : Compression.values()) {
      String name =
          compression == Compression.NONE
              ? "table.v1.txt"
              : "table-" + compression.name().toLowerCase(java.util.Locale.ROOT) + ".v1.txt";
      if (Boolean.getBoolean("rewrite") && compression != Compression.NONE) {
        writeTable(compression);
        Files.writeString(RESOURCES.resolve(name), dump(inspector -> inspector.sst(TABLE)));
      }
      put(TABLE, name, 0);
      try (DiskFile file = disk.open(TABLE, Disk.OpenMode.READ);
          Table table = Table.open("table", file, 7, new BlockCache(0));
          InternalCursor cursor = table.scanOnce()) {
        table.verify();
        List<String> entries = new ArrayList<>();
        for (cursor.first(); cursor.valid(); cursor.next()) {
          entries.add(
              text(cursor.copyKey()) + " " + cursor.trailer + " " + text(cursor.copyValue()));
        }
        assertEquals(expectedEntries(), entries, name);
        RangeTombstones.Tombstone tombstone = table.tombstones().list().getFirst();
        assertEquals("b", text(tombstone.start()));
        assertEquals("c", text(tombstone.end()));
        assertEquals(5, tombstone.sequence());
      }
    }
  }

  @Test
  void manifestsAreWrittenAsTheGoldenOne() throws IOException {
    manifest().write(disk, DIRECTORY);
    compare(
        "manifest.v1.txt",
        SOURCES.resolve("FORMAT.md"),
        dump(inspector -> inspector.manifest(MANIFEST)));
  }

  @Test
  void goldenManifestsAreReadForEver() throws IOException {
    put(MANIFEST, "manifest.v1.txt", 0);
    assertEquals(manifest(), Manifest.read(disk, DIRECTORY));
  }

  @Test
  void aNewerManifestIsRefusedByName() throws IOException {
    manifest().write(disk, DIRECTORY);
    disk.rot(
        MANIFEST,
        bytes -> {
          bytes[8] = 2;
          var crc = new CRC32C();
          crc.update(bytes, 8, 8);
          crc.update(bytes, 20, bytes.length - 20);
          ByteBuffer.wrap(bytes)
              .order(java.nio.ByteOrder.LITTLE_ENDIAN)
              .putInt(16, (int) crc.getValue());
          return bytes;
        });
    var refused = assertThrows(FormatException.class, () -> Manifest.read(disk, DIRECTORY));
    assertEquals(
        "/engine/MANIFEST is a manifest of format version 2; this program knows version 1: open the"
            + " directory with the newer Henge that wrote it",
        refused.getMessage());
  }

  private void writeLog() throws IOException {
    try (var log = new CommitLog(disk, LOG, 1, 4096)) {
      var first = new WriteBatch().put(bytes("apple"), bytes("red"));
      first.put(bytes("banana"), bytes("yellow"));
      log.place(first.array(), first.byteCount(), 1, 2);
      log.write(log.take());
      log.sync();
      // Sequence 3 did without the log.
      var second = new WriteBatch().delete(bytes("apple")).deleteRange(bytes("b"), bytes("c"));
      log.place(second.array(), second.byteCount(), 4, 5);
      log.write(log.take());
      log.seal();
    }
  }

  private void writeTable(Compression compression) throws IOException {
    if (disk.exists(TABLE)) {
      disk.delete(TABLE);
    }
    try (DiskFile file = disk.open(TABLE, Disk.OpenMode.CREATE)) {
      var builder =
          new TableBuilder(file, 7, new TableBuilder.TableOptions(48, 2, 10), compression);
      for (int i = 0; i < 4; i++) {
        byte[] key = bytes("apple" + i);
        byte[] value = bytes("red red red red red".substring(0, 7 + 4 * i));
        boolean put = i != 2;
        builder.add(
            key,
            key.length,
            InternalCursor.trailer(10 + i, put ? 1 : 0),
            value,
            0,
            put ? value.length : 0);
      }
      builder.finish(
          RangeTombstones.of(List.of(new RangeTombstones.Tombstone(bytes("b"), bytes("c"), 5))));
    }
  }

  private static List<String> expectedEntries() {
    return List.of(
        "apple0 21 red red",
        "apple1 23 red red red",
        "apple2 24 ",
        "apple3 27 red red red red red");
  }

  private static Manifest manifest() {
    return new Manifest(
        9,
        1000,
        4,
        List.of(
            List.of(new Manifest.Entry(8, 512)),
            List.of(new Manifest.Entry(5, 70_000), new Manifest.Entry(7, 300))));
  }

  private interface Inspection {
    void print(LsmInspector inspector) throws IOException;
  }

  private String dump(Inspection inspection) throws IOException {
    var text = new StringBuilder();
    inspection.print(new LsmInspector(disk, text, DumpOptions.defaults().withHex(true)));
    return text.toString();
  }

  private static void compare(String name, Path format, String dump) throws IOException {
    Path resource = RESOURCES.resolve(name);
    String begin = "<!-- " + name + " -->\n```text\n";
    if (Boolean.getBoolean("rewrite")) {
      Files.writeString(resource, dump);
      String text = Files.readString(format);
      int from = text.indexOf(begin) + begin.length();
      int to = text.indexOf("```", from);
      Files.writeString(format, text.substring(0, from) + dump + text.substring(to));
    }
    assertEquals(Files.readString(resource), dump, name + ": the bytes written have changed");
    String text = Files.readString(format);
    int from = text.indexOf(begin) + begin.length();
    assertEquals(
        dump,
        text.substring(from, text.indexOf("```", from)),
        format + ": the example differs; -Drewrite=true writes it anew");
  }

  /// Makes the file again that the dump `name` shows.
  ///
  /// @param byteCount zeros are added up to it
  private void put(Path path, String name, int byteCount) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    for (String line : Files.readAllLines(RESOURCES.resolve(name))) {
      if (line.matches(" *\\d+  ([0-9a-f]{2} ?)+.*")) {
        String hex = line.substring(12, Math.min(line.length(), 12 + 23)).strip();
        assertEquals(
            Integer.parseInt(line.substring(0, 10).strip()),
            bytes.position(),
            "a dump without holes");
        bytes.put(HexFormat.ofDelimiter(" ").parseHex(hex));
      }
    }
    byte[] content = new byte[Math.max(byteCount, bytes.position())];
    bytes.flip().get(content, 0, bytes.limit());
    if (disk.exists(path)) {
      disk.delete(path);
    }
    try (DiskFile file = disk.open(path, Disk.OpenMode.CREATE)) {
      file.write(0, ByteBuffer.wrap(content));
    }
    assertArrayEquals(content, disk.content(path));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
