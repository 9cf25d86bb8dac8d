package dev.henge.storage.lsm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.system.SystemClock;
import dev.henge.base.system.SystemThreads;
import dev.henge.storage.LogMode;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.lsm.inspect.DumpOptions;
import dev.henge.storage.lsm.table.Compression;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Whatever byte of a closed engine's files changes, the checker says in which file and where; the
/// inspector still prints the rest.
class LsmCheckerTest {
  private static final Path DIRECTORY = Path.of("/data/engine");
  private static final Path LOG = DIRECTORY.resolve("wal");
  private static final LsmOptions SMALL =
      LsmOptions.defaults()
          .withMemtableBytes(64 << 10)
          .withLogSegmentBytes(8 << 10)
          .withBlocks(512, 4)
          .withLevels(8 << 10, 16 << 10, 2);

  private final SimulatedDisk disk = new SimulatedDisk();

  @Test
  void aSoundEngineHasNoProblems() throws IOException {
    fill();
    CheckReport report = check();
    assertEquals(List.of(), report.problems());
    assertTrue(report.tableCount() > 1, "tables in more than one level");
    assertTrue(report.entryCount() > 0 && report.blockCount() > 0 && report.tombstoneCount() > 0);
    assertTrue(report.segmentCount() > 1, "a log of several segments");
    assertTrue(report.operationCount() > 0);
  }

  @Test
  void noDirectoryIsChangedByAnything() throws IOException {
    fill();
    Map<String, byte[]> before = new TreeMap<>();
    for (Path file : disk.files()) {
      before.put(file.toString(), disk.content(file));
    }
    check();
    inspectAll();
    for (Path file : disk.files()) {
      assertTrue(Arrays.equals(before.remove(file.toString()), disk.content(file)));
    }
    assertEquals(Map.of(), before);
    assertEquals(List.of(), disk.openFiles());
  }

  @Test
  void everyFlippedBitIsFoundWhereItIs() throws IOException {
    fill();
    long seed = Seeds.of("everyFlippedBitIsFoundWhereItIs", 1)[0];
    var random = new Random(seed);
    for (Path file : List.copyOf(disk.files())) {
      long size = checkedBytes(file);
      int samples = (int) Math.min(size, file.toString().endsWith("MANIFEST") ? 500 : 60);
      for (int i = 0; i < samples; i++) {
        long at = samples == size ? i : random.nextLong(size);
        int bit = random.nextInt(8);
        disk.flipBit(file, at * 8 + bit);
        CheckReport report = check();
        String flipped = file + " byte " + at + " bit " + bit + ", seed " + seed;
        assertFalse(report.problems().isEmpty(), "not found: " + flipped);
        CheckReport.Problem problem = report.problems().getFirst();
        assertEquals(file.toString(), problem.file(), flipped + ": " + report.problems());
        // A manifest has one checksum, in its header, for all of it.
        assertTrue(
            problem.offset() <= Math.max(at, Manifest.HEADER_BYTES), flipped + ": " + problem);
        disk.flipBit(file, at * 8 + bit);
      }
    }
    assertEquals(List.of(), check().problems());
  }

  /// Bytes of a file that matter, from its beginning on. Those that do not:
  ///
  /// - `LOCK`, which is empty,
  /// - a log segment behind its end frame,
  /// - the end frame of the last segment: without it the log looks like one of a crash, which has
  ///   lost nothing,
  /// - segments that are not in the chain: prepared, or kept for reuse.
  private long checkedBytes(Path file) throws IOException {
    if (!file.toString().endsWith(".wal")) {
      return disk.size(file);
    }
    var text = new StringBuilder();
    new LsmInspector(disk, text, DumpOptions.defaults().withEntriesMax(0)).wal(file);
    long oldest = Manifest.read(disk, DIRECTORY).oldestLogNumber();
    long number = Long.parseLong(file.getFileName().toString().substring(0, 12));
    for (String line : text.toString().split("\n")) {
      if (number >= oldest && line.contains("  end, ")) {
        long offset = Long.parseLong(line.substring(0, 10).strip());
        return line.contains("the log is closed") ? offset : offset + 24;
      }
    }
    return 0;
  }

  @Test
  void allProblemsAreFoundNotOnlyTheFirst() throws IOException {
    fill();
    List<Path> tables =
        disk.files().stream().filter(file -> file.toString().endsWith(".sst")).toList();
    for (Path table : tables) {
      disk.flipBit(table, 8 * 20);
    }
    Path segment = firstSegment();
    disk.flipBit(segment, 8 * 60);
    List<String> files = check().problems().stream().map(CheckReport.Problem::file).toList();
    for (Path table : tables) {
      assertTrue(files.contains(table.toString()), table + " in " + files);
    }
    assertTrue(files.contains(segment.toString()), segment + " in " + files);
  }

  @Test
  void missingFilesAndWrongSizesAreProblemsAndStrangersAreNotes() throws IOException {
    fill();
    List<Path> tables =
        disk.files().stream().filter(file -> file.toString().endsWith(".sst")).toList();
    disk.delete(tables.getFirst());
    disk.rot(tables.getLast(), bytes -> Arrays.copyOf(bytes, bytes.length + 1));
    Path segment = firstSegment();
    disk.delete(segment);
    Path orphan = DIRECTORY.resolve("000000999999.sst");
    disk.link(tables.get(1), orphan);
    CheckReport report = check();
    String problems = report.problems().toString();
    assertTrue(
        problems.contains(tables.getFirst() + " at offset 0: a table named by the manifest"),
        problems);
    assertTrue(problems.contains(tables.getLast() + " at offset "), problems);
    assertTrue(problems.contains(segment + " at offset 0: a log segment expected"), problems);
    assertTrue(
        report.notes().contains(orphan + ": not in the manifest; the next opening deletes it"),
        report.notes().toString());
  }

  @Test
  void withoutAManifestEverythingElseIsStillChecked() throws IOException {
    fill();
    disk.delete(DIRECTORY.resolve("MANIFEST"));
    Path table =
        disk.files().stream().filter(file -> file.toString().endsWith(".sst")).findFirst().get();
    disk.flipBit(table, 8 * 20);
    List<CheckReport.Problem> problems = check().problems();
    assertEquals(DIRECTORY.resolve("MANIFEST").toString(), problems.get(0).file());
    assertEquals(table.toString(), problems.get(1).file());
  }

  @Test
  void anEngineInUseIsCheckedAsFarAsItGoes() throws IOException {
    try (var threads = new SystemThreads();
        LsmEngine engine = open(threads)) {
      write(engine, 0, 300);
      engine.flush();
      write(engine, 300, 320);
      CheckReport report = check();
      assertEquals(List.of(), report.problems());
      assertTrue(report.notes().getFirst().contains("best effort"), report.notes().toString());
      assertTrue(report.operationCount() >= 20, "what is not flushed is in the log");
    }
  }

  @Test
  void theInspectorPrintsWhatIsBehindDamage() throws IOException {
    fill();
    Path segment = firstSegment();
    String whole = print(inspector -> inspector.wal(segment));
    disk.flipBit(segment, 8 * 60);
    String damaged = print(inspector -> inspector.wal(segment));
    assertTrue(damaged.contains("DAMAGED: no whole frame"), damaged);
    String last = whole.substring(whole.lastIndexOf("  put \"key") + 1);
    assertTrue(damaged.contains(last.substring(0, last.indexOf('\n'))), damaged);

    Path table =
        disk.files().stream().filter(file -> file.toString().endsWith(".sst")).findFirst().get();
    String sound = print(inspector -> inspector.sst(table));
    disk.flipBit(table, 8 * 20);
    String broken = print(inspector -> inspector.sst(table));
    assertTrue(broken.contains("DAMAGED: CRC32C"), broken);
    assertTrue(
        broken.contains(sound.substring(sound.indexOf("data block 1"), sound.indexOf("footer"))));
  }

  @Test
  void everyVersionOfAKeyIsFoundWithItsSource() throws IOException {
    try (var threads = new SystemThreads()) {
      try (LsmEngine engine = open(threads)) {
        engine.write(put("key", "one"), LogMode.SYNCED);
        engine.flush();
        engine.write(new WriteBatch().deleteRange(bytes("a"), bytes("z")), LogMode.SYNCED);
        engine.write(put("key", "two"), LogMode.SYNCED);
        engine.write(new WriteBatch().delete(bytes("key")), LogMode.SYNCED);
      }
    }
    List<LsmInspector.Version> versions =
        new LsmInspector(disk, new StringBuilder(), DumpOptions.defaults())
            .versions(DIRECTORY, bytes("key"), damage -> {});
    List<String> found =
        versions.stream()
            .map(one ->
                one.sequence()
                    + " "
                    + one.kind()
                    + " "
                    + new String(one.value(), StandardCharsets.UTF_8)
                    + (one.source().contains(".sst") ? " table" : " log"))
            .distinct()
            .toList();
    assertEquals(
        List.of("4 DELETE  log", "3 PUT two log", "2 DELETE_RANGE  log"),
        found.subList(0, 3),
        found.toString());
    assertTrue(found.contains("1 PUT one table"), found.toString());
  }

  private interface Inspection {
    void print(LsmInspector inspector) throws IOException;
  }

  private String print(Inspection inspection) throws IOException {
    var text = new StringBuilder();
    inspection.print(new LsmInspector(disk, text, DumpOptions.defaults()));
    return text.toString();
  }

  private void inspectAll() throws IOException {
    for (Path file : disk.files()) {
      if (file.toString().endsWith(".wal")) {
        assertFalse(print(inspector -> inspector.wal(file)).contains("DAMAGED"));
      } else if (file.toString().endsWith(".sst")) {
        assertFalse(print(inspector -> inspector.sst(file)).contains("DAMAGED"));
      }
    }
    String manifest = print(inspector -> inspector.manifest(DIRECTORY));
    assertTrue(manifest.contains("level 1 "), manifest);
    assertFalse(manifest.contains("DAMAGED"), manifest);
  }

  /// Tables in several levels, a log of several segments behind them.
  private void fill() throws IOException {
    try (var threads = new SystemThreads()) {
      try (LsmEngine engine = open(threads)) {
        write(engine, 0, 600);
        engine.compact();
        write(engine, 200, 400);
        engine.write(
            new WriteBatch().deleteRange(bytes("key100"), bytes("key120")), LogMode.SYNCED);
        engine.write(new WriteBatch().delete(bytes("key130")), LogMode.SYNCED);
        engine.flush();
        write(engine, 0, 300);
      }
    }
  }

  private LsmEngine open(SystemThreads threads) throws IOException {
    return LsmEngine.open(
        DIRECTORY,
        SMALL.withCompression(Compression.NONE, Compression.LZ4, Compression.ZSTD),
        disk,
        new SystemClock(),
        threads);
  }

  private static void write(LsmEngine engine, int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      engine.write(
          put("key" + i, "value " + i + " of some length, to fill blocks"), LogMode.SYNCED);
    }
  }

  private Path firstSegment() throws IOException {
    return LOG.resolve(
        String.format("%012d.wal", Manifest.read(disk, DIRECTORY).oldestLogNumber()));
  }

  private CheckReport check() throws IOException {
    var report = new CheckReport();
    LsmChecker.check(disk, DIRECTORY, report);
    return report;
  }

  private static WriteBatch put(String key, String value) {
    return new WriteBatch().put(bytes(key), bytes(value));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
