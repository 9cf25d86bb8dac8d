package dev.henge.consensus.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.base.FormatException;
import dev.henge.base.LittleEndian;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.HardState;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.storage.lsm.inspect.Dump;
import dev.henge.storage.lsm.inspect.DumpOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// The bytes of a segment, as an annotated dump: what is written now must equal it, and what an
/// earlier version wrote must be readable for ever. FORMAT.md shows the same segment.
///
/// `-Drewrite=true` writes both anew. Never do that to the dump of a released version: a change of
/// the format is a new version with a file of its own.
@NullMarked
class LogFormatTest {
  private static final Path GOLDEN =
      Path.of("src/test/resources/dev/henge/consensus/log/raft.v1.txt");
  private static final Path FORMAT = Path.of("src/main/java/dev/henge/consensus/log/FORMAT.md");
  private static final Path SEGMENT = LogHistory.HOME.resolve(LogLayout.fileName(1));
  private static final LogOptions OPTIONS = new LogOptions(32 << 10, 1 << 20, 1 << 20, 8 << 10);
  private static final SnapshotMark MARK =
      new SnapshotMark(4, 2, Configuration.ofVoters(List.of(1L, 2L, 3L)));

  private final SimulatedDisk disk = new SimulatedDisk();
  private final SimulatedThreads threads = new SimulatedThreads(new SimulatedClock());

  private LogStore open() throws IOException {
    return LogStore.open(disk, LogHistory.HOME, threads, OPTIONS);
  }

  /// Two groups: one with a vote and entries of two terms, cut once; one that is removed.
  private void write() throws IOException {
    LogStore store = open();
    GroupLog log = store.create(7, MARK, LogListener.NONE);
    store.create(9, new SnapshotMark(0, 0, Configuration.ofVoters(List.of(1L))), LogListener.NONE);
    threads.runAll();
    log.append(
        new HardState(3, 2, 4),
        List.of(entry(5, 3, "apple"), entry(6, 3, "banana")),
        Durability.SYNCED,
        LogListener.NONE);
    threads.runAll();
    log.append(null, List.of(entry(6, 4, "cherry")), Durability.SYNCED, LogListener.NONE);
    threads.runAll();
    Objects.requireNonNull(store.group(9)).remove(LogListener.NONE);
    threads.runAll();
    store.close();
  }

  private static Entry entry(long index, long term, String text) {
    return new Entry(index, term, Entry.Kind.COMMANDS, text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void segmentsAreWrittenAsTheGoldenOne() throws IOException {
    write();
    String dump = dump(true);
    String example = dump(false);
    String begin = "<!-- example -->\n```text\n";
    String text = Files.readString(FORMAT);
    int from = text.indexOf(begin) + begin.length();
    if (Boolean.getBoolean("rewrite")) {
      Files.writeString(GOLDEN, dump);
      int to = text.indexOf("```", from);
      text = text.substring(0, from) + example + text.substring(to);
      Files.writeString(FORMAT, text);
    }
    assertEquals(Files.readString(GOLDEN), dump, "the bytes written have changed");
    assertEquals(
        example,
        text.substring(from, text.indexOf("```", from)),
        FORMAT + ": the example differs; -Drewrite=true writes it anew");
  }

  @Test
  void theGoldenSegmentIsReadForEver() throws IOException {
    var bytes = ByteBuffer.allocate(32 << 10);
    for (String line : Files.readAllLines(GOLDEN)) {
      if (line.matches(" *\\d+  ([0-9a-f]{2} ?)+.*")) {
        String hex = line.substring(12, Math.min(line.length(), 12 + 23)).strip();
        bytes.position(Integer.parseInt(line.substring(0, 10).strip()));
        bytes.put(HexFormat.ofDelimiter(" ").parseHex(hex));
      }
    }
    disk.createDirectories(LogHistory.HOME);
    try (DiskFile file = disk.open(SEGMENT, Disk.OpenMode.CREATE)) {
      file.write(0, bytes.clear());
    }
    List<String> problems = new ArrayList<>();
    LogCheck.Summary summary =
        LogCheck.check(
            disk, LogHistory.HOME, damage -> problems.add(damage.getMessage()), problems::add);
    assertEquals(List.of(), problems);
    assertEquals(1, summary.groupCount());
    LogStore store = open();
    assertEquals(List.of(), store.damage());
    assertEquals(List.of(7L), List.copyOf(store.groupIds()));
    GroupLog log = Objects.requireNonNull(store.group(7));
    assertFalse(log.recovering());
    assertEquals(new HardState(3, 2, 4), log.hardState());
    assertEquals(MARK, log.mark());
    assertEquals(3, log.term(5));
    List<String> entries =
        LogHistory.load(log, threads).stream()
            .map(each -> each + " " + new String(each.bytes(), StandardCharsets.UTF_8))
            .toList();
    assertEquals(List.of("3/5 COMMANDS 5 bytes apple", "4/6 COMMANDS 6 bytes cherry"), entries);
    store.close();
  }

  @Test
  void damageIsPrintedAndPassedOver() throws IOException {
    write();
    long offset = offset(dump(true), "  5 of term 3");
    disk.flipBit(SEGMENT, 8 * offset);
    String dump = dump(true);
    assertTrue(dump.contains("DAMAGED: no whole frame, though a later one attests"), dump);
    assertTrue(dump.contains("cherry"), dump);
    List<String> problems = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    LogCheck.check(disk, LogHistory.HOME, damage -> problems.add(damage.getMessage()), notes::add);
    assertEquals(1, problems.size(), problems::toString);
    assertTrue(notes.getFirst().contains("group 7 has to recover"), notes::toString);
  }

  private static long offset(String dump, String meaning) {
    String line = dump.lines().filter(each -> each.contains(meaning)).findFirst().orElseThrow();
    return Long.parseLong(line.substring(0, 10).strip());
  }

  @Test
  void aNewerLogIsRefusedByName() throws IOException {
    write();
    disk.rot(
        SEGMENT,
        bytes -> {
          LittleEndian.putInt(bytes, LogLayout.FILE_VERSION, 2);
          byte[] header = Arrays.copyOf(bytes, LogLayout.FILE_HEADER_BYTES);
          LittleEndian.putInt(bytes, LogLayout.FILE_CRC, LogLayout.fileCrc(header));
          return bytes;
        });
    var refused = assertThrows(FormatException.class, this::open);
    assertEquals(
        "/raft/000000000001.raft is a log of format version 2; this program knows version 1: open"
            + " it with the newer Henge that wrote it",
        refused.getMessage());
  }

  private String dump(boolean hex) throws IOException {
    var text = new StringBuilder();
    LogDump.print(disk, SEGMENT, new Dump(text, DumpOptions.defaults().withHex(hex)));
    return text.toString();
  }
}
