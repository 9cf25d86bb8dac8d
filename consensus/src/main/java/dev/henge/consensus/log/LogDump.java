package dev.henge.consensus.log;

import dev.henge.base.Disk;
import dev.henge.base.LittleEndian;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.HardState;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.storage.lsm.inspect.Dump;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Prints what the files of a log say, frame by frame, past damage; reads only, takes no lock.
///
/// - Threads: one.
public final class LogDump {
  private final SegmentScan scan;
  private final Dump dump;
  private long shown;
  private long entryCount;

  private LogDump(SegmentScan scan, Dump dump) {
    this.scan = scan;
    this.dump = dump;
  }

  /// Prints the segment in `place`, or all segments in the directory `place`.
  public static void print(Disk disk, Path place, Dump dump) throws IOException {
    String name = String.valueOf(place.getFileName());
    List<Path> files = new ArrayList<>();
    if (LogLayout.fileNumber(name) > 0) {
      files.add(place);
    } else {
      var found = new TreeMap<Long, Path>();
      for (String file : disk.list(place)) {
        if (LogLayout.fileNumber(file) > 0) {
          found.put(LogLayout.fileNumber(file), place.resolve(file));
        }
      }
      files.addAll(found.values());
    }
    for (Path file : files) {
      long number = LogLayout.fileNumber(String.valueOf(file.getFileName()));
      try (var scan = new SegmentScan(disk, file, number)) {
        new LogDump(scan, dump).segment();
      }
    }
  }

  private void segment() throws IOException {
    dump.title("Raft log segment " + scan.number + ", " + scan.size + " bytes, little-endian");
    header();
    long offset = LogLayout.FILE_HEADER_BYTES;
    boolean ended = false;
    while (!ended) {
      if (scan.frameAt(offset)) {
        int payloadBytes = scan.payloadBytes;
        ended = scan.kind == LogLayout.END;
        frame(offset);
        offset += LogLayout.frameBytes(payloadBytes);
        continue;
      }
      long next = scan.nextFrame(offset + 8);
      if (next < 0) {
        break;
      }
      boolean attested = scan.attested(offset);
      dump.note(
          Long.toString(offset),
          (attested
                  ? "DAMAGED: no whole frame, though a later one attests that it had been synced; "
                  : "no whole frame (torn: nobody was told that it was synced); ")
              + (next - offset)
              + " bytes passed over");
      offset = next;
    }
    if (offset < scan.size) {
      dump.note(
          Long.toString(offset),
          scan.size
              - offset
              + (scan.isZeroFrom(offset)
                  ? " zero bytes, never written"
                  : " bytes of no frame: torn, or left by an earlier use of the file"));
    }
    if (!ended) {
      dump.note(Long.toString(offset), "not ended: in use, made ready, or left by a crash");
    }
    if (shown < entryCount) {
      dump.title(entryCount + " entries, " + shown + " of them shown");
    }
  }

  private void header() throws IOException {
    if (scan.size >= LogLayout.FILE_HEADER_BYTES) {
      byte[] header = scan.header();
      int crc = LittleEndian.getInt(header, LogLayout.FILE_CRC);
      field(header, LogLayout.FILE_MAGIC, 8, "magic");
      field(
          header,
          LogLayout.FILE_VERSION,
          4,
          "format version " + LittleEndian.getInt(header, LogLayout.FILE_VERSION));
      field(header, LogLayout.FILE_CRC, 4, Dump.crc(crc, LogLayout.fileCrc(header)));
      field(
          header,
          LogLayout.FILE_NUMBER,
          8,
          "segment " + LittleEndian.getLong(header, LogLayout.FILE_NUMBER));
      field(
          header,
          LogLayout.FILE_BYTES,
          8,
          "file of " + LittleEndian.getLong(header, LogLayout.FILE_BYTES) + " bytes");
    }
    @Nullable String damage = scan.headerDamage();
    if (damage != null) {
      dump.note("0", "DAMAGED: " + damage);
    }
  }

  private void field(byte[] header, int at, int count, String meaning) throws IOException {
    dump.field(at, header, at, count, meaning);
  }

  /// Prints the frame that the scan found at `offset`.
  private void frame(long offset) throws IOException {
    int payloadBytes = scan.payloadBytes;
    int there = LogLayout.FRAME_HEADER_BYTES + payloadBytes;
    int at = scan.position(offset, there);
    var bytes = new byte[there];
    System.arraycopy(scan.window(), at, bytes, 0, there);
    String what = title(bytes);
    if (dump.options().hex()) {
      int crc = LittleEndian.getInt(bytes, LogLayout.FRAME_CRC);
      field(offset, bytes, LogLayout.FRAME_CRC, 4, "frame: " + Dump.crc(crc, crc));
      field(offset, bytes, LogLayout.FRAME_LENGTH, 4, payloadBytes + " bytes of payload");
      field(offset, bytes, LogLayout.FRAME_SEGMENT, 4, "segment " + scan.number);
      field(offset, bytes, LogLayout.FRAME_SYNCED, 4, "synced to offset " + scan.synced);
      field(offset, bytes, LogLayout.FRAME_KIND, 4, what);
      field(offset, bytes, LogLayout.FRAME_COUNT, 4, "count " + scan.count);
    } else {
      dump.note(
          Long.toString(offset),
          what + ", " + payloadBytes + " bytes, synced to offset " + scan.synced);
    }
    int payload = LogLayout.FRAME_HEADER_BYTES;
    switch (scan.kind) {
      case LogLayout.ENTRIES -> {
        hardState(offset, bytes);
        long previous = LittleEndian.getLong(bytes, payload + LogLayout.PREVIOUS_INDEX);
        field(offset, bytes, payload + LogLayout.PREVIOUS_INDEX, 8, "  behind entry " + previous);
        field(
            offset,
            bytes,
            payload + LogLayout.PREVIOUS_TERM,
            8,
            "  of term " + LittleEndian.getLong(bytes, payload + LogLayout.PREVIOUS_TERM));
        entries(offset, bytes, payload + LogLayout.ENTRIES_START, previous);
      }
      case LogLayout.STATE, LogLayout.REWRITE -> {
        hardState(offset, bytes);
        state(offset, bytes);
      }
      case LogLayout.HEAD, LogLayout.OLDEST -> {
        field(
            offset,
            bytes,
            payload,
            8,
            "  segments from " + LittleEndian.getLong(bytes, payload) + " on are needed");
        for (int i = 0; scan.kind == LogLayout.HEAD && i < scan.count; i++) {
          int one = payload + 8 + 8 * i;
          field(offset, bytes, one, 8, "  group " + LittleEndian.getLong(bytes, one));
        }
      }
      case LogLayout.REMOVE ->
          field(offset, bytes, payload, 8, "  group " + LittleEndian.getLong(bytes, payload));
      default -> {
        // nothing within
      }
    }
  }

  private String title(byte[] bytes) {
    return switch (scan.kind) {
      case LogLayout.ENTRIES -> "entries of " + group(bytes) + ": " + scan.count;
      case LogLayout.STATE -> "state of " + group(bytes);
      case LogLayout.REWRITE -> "rewrite of " + group(bytes) + ", entries: " + scan.count;
      case LogLayout.REMOVE -> "removal of a group";
      case LogLayout.HEAD -> "head, groups: " + scan.count;
      case LogLayout.OLDEST -> "oldest";
      case LogLayout.PADDING -> "padding";
      case LogLayout.END -> scan.count == 0 ? "end of the segment" : "end, the log was closed";
      default -> throw new IllegalStateException("a frame has a known kind");
    };
  }

  private static String group(byte[] bytes) {
    return "group " + GroupFrame.group(bytes, LogLayout.FRAME_HEADER_BYTES);
  }

  private void hardState(long offset, byte[] bytes) throws IOException {
    int payload = LogLayout.FRAME_HEADER_BYTES;
    HardState state = GroupFrame.hardState(bytes, payload);
    if (!dump.options().hex()) {
      field(
          offset,
          bytes,
          payload + LogLayout.TERM,
          24,
          "  term " + state.term() + ", vote " + state.vote() + ", commit " + state.commit());
      return;
    }
    field(offset, bytes, payload + LogLayout.GROUP, 8, "  " + group(bytes));
    field(offset, bytes, payload + LogLayout.TERM, 8, "  term " + state.term());
    field(offset, bytes, payload + LogLayout.VOTE, 8, "  vote " + state.vote());
    field(offset, bytes, payload + LogLayout.COMMIT, 8, "  commit " + state.commit());
  }

  private void state(long offset, byte[] bytes) throws IOException {
    int payload = LogLayout.FRAME_HEADER_BYTES;
    SnapshotMark mark = GroupFrame.mark(bytes, payload);
    long flags = LittleEndian.getLong(bytes, payload + LogLayout.FLAGS);
    field(
        offset,
        bytes,
        payload + LogLayout.LAST_INDEX,
        16,
        "  last entry "
            + LittleEndian.getLong(bytes, payload + LogLayout.LAST_INDEX)
            + " of term "
            + LittleEndian.getLong(bytes, payload + LogLayout.LAST_TERM));
    field(
        offset,
        bytes,
        payload + LogLayout.FLAGS,
        8,
        flags == LogLayout.RECOVERING_FLAG ? "  recovering" : "  flags " + flags);
    field(
        offset,
        bytes,
        payload + LogLayout.MARK_INDEX,
        16,
        "  mark " + mark.index() + " of term " + mark.term());
    int entries = GroupFrame.rewriteEntries(bytes, payload);
    field(
        offset,
        bytes,
        payload + LogLayout.VOTER_COUNT,
        entries - payload - LogLayout.VOTER_COUNT,
        "  voters "
            + mark.configuration().voters()
            + ", outgoing "
            + mark.configuration().outgoing()
            + ", learners "
            + mark.configuration().learners());
    entries(offset, bytes, entries, mark.index());
  }

  private void entries(long offset, byte[] bytes, int from, long previous) throws IOException {
    int at = from;
    for (int i = 0; scan.kind != LogLayout.STATE && i < scan.count; i++) {
      Entry entry = GroupFrame.entry(bytes, at, previous + 1 + i);
      int entryBytes = GroupFrame.entryBytes(bytes, at);
      entryCount++;
      if (shown < dump.options().entriesMax()) {
        shown++;
        String what =
            "  "
                + entry.index()
                + " of term "
                + entry.term()
                + " "
                + entry.kind()
                + " "
                + dump.text(entry.bytes());
        field(offset, bytes, at, entryBytes, what);
      }
      at += entryBytes;
    }
  }

  private void field(long frame, byte[] bytes, int at, int count, String meaning)
      throws IOException {
    dump.field(frame + at, bytes, at, count, meaning);
  }
}
