package dev.henge.storage.lsm.log;

import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.base.LittleEndian;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.lsm.inspect.Dump;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Prints one log segment, past damage.
public final class LogDump implements SegmentScan.Visitor {
  private final SegmentScan scan;
  private final Dump dump;
  private long shown;
  private long operationCount;

  private LogDump(SegmentScan scan, Dump dump) {
    this.scan = scan;
    this.dump = dump;
  }

  /// Prints the segment in `path`.
  public static void print(Disk disk, Path path, Dump dump) throws IOException {
    SegmentScan scan = SegmentScan.read(disk, path);
    dump.title("log segment " + scan.number + ", " + scan.bytes.length + " bytes, little-endian");
    var printing = new LogDump(scan, dump);
    printing.header();
    SegmentScan.Tail tail = scan.walk(printing);
    printing.rest(tail);
  }

  private void header() throws IOException {
    byte[] bytes = scan.bytes;
    if (bytes.length >= LogLayout.FILE_HEADER_BYTES) {
      dump.field(LogLayout.FILE_MAGIC, bytes, LogLayout.FILE_MAGIC, 8, "magic");
      dump.field(
          LogLayout.FILE_VERSION,
          bytes,
          LogLayout.FILE_VERSION,
          4,
          "format version " + LittleEndian.getInt(bytes, LogLayout.FILE_VERSION));
      dump.field(
          LogLayout.FILE_CRC,
          bytes,
          LogLayout.FILE_CRC,
          4,
          Dump.crc(LittleEndian.getInt(bytes, LogLayout.FILE_CRC), scan.headerCrc()));
      dump.field(
          LogLayout.FILE_NUMBER,
          bytes,
          LogLayout.FILE_NUMBER,
          8,
          "segment " + LittleEndian.getLong(bytes, LogLayout.FILE_NUMBER));
      dump.field(
          LogLayout.FILE_BYTES,
          bytes,
          LogLayout.FILE_BYTES,
          8,
          "file of " + LittleEndian.getLong(bytes, LogLayout.FILE_BYTES) + " bytes");
    }
    @Nullable String damage = scan.headerDamage();
    if (damage != null) {
      dump.note("0", "DAMAGED: " + damage);
    }
  }

  @Override
  public void frame(int offset, int payloadBytes, boolean end, long synced, long sequence)
      throws IOException {
    byte[] bytes = scan.bytes;
    int crc = LittleEndian.getInt(bytes, offset + LogLayout.FRAME_CRC);
    if (dump.options().hex()) {
      dump.field(offset, bytes, offset, 4, "frame: " + Dump.crc(crc, crc));
      dump.field(
          offset + LogLayout.FRAME_LENGTH,
          bytes,
          offset + LogLayout.FRAME_LENGTH,
          4,
          end ? "end of the segment" : payloadBytes + " bytes of operations");
      dump.field(
          offset + LogLayout.FRAME_SEGMENT,
          bytes,
          offset + LogLayout.FRAME_SEGMENT,
          4,
          "segment " + scan.number);
      dump.field(
          offset + LogLayout.FRAME_SYNCED,
          bytes,
          offset + LogLayout.FRAME_SYNCED,
          4,
          "synced to offset " + synced);
      dump.field(
          offset + LogLayout.FRAME_SEQUENCE,
          bytes,
          offset + LogLayout.FRAME_SEQUENCE,
          8,
          end ? following(sequence) : "first sequence " + sequence);
    } else {
      String what =
          end
              ? "end, " + following(sequence)
              : "frame, " + payloadBytes + " bytes from sequence " + sequence;
      dump.note(Integer.toString(offset), what + ", synced to offset " + synced);
    }
    int start = offset + LogLayout.FRAME_HEADER_BYTES;
    try {
      LogOperations.visit(
          scan.path.toString(), bytes, start, start + payloadBytes, sequence, this::operation);
    } catch (CorruptionException damage) {
      dump.note(Long.toString(damage.offset()), "DAMAGED: " + damage.expectedAndFound());
    }
    int padding = LogLayout.frameBytes(payloadBytes) - LogLayout.FRAME_HEADER_BYTES - payloadBytes;
    if (padding > 0 && dump.options().hex()) {
      int from = start + payloadBytes;
      int there = Math.min(padding, bytes.length - from);
      dump.field(from, bytes, from, there, "padding");
    }
  }

  @Override
  public void gap(int from, int to, boolean attested) throws IOException {
    dump.note(
        Integer.toString(from),
        (attested
                ? "DAMAGED: no whole frame, though a later one attests that it had been synced; "
                : "no whole frame (torn: nobody was told that it was synced); ")
            + (to - from)
            + " bytes passed over");
  }

  private void operation(long sequence, int offset, int end, byte kind, byte[] first, byte[] second)
      throws IOException {
    operationCount++;
    if (shown >= dump.options().entriesMax()) {
      return;
    }
    shown++;
    String what =
        switch (kind) {
          case WriteBatch.PUT -> "put " + dump.text(first) + " = " + dump.text(second);
          case WriteBatch.DELETE -> "delete " + dump.text(first);
          default -> "delete range from " + dump.text(first) + " to " + dump.text(second);
        };
    dump.field(offset, scan.bytes, offset, end - offset, "  " + sequence + " " + what);
  }

  private void rest(SegmentScan.Tail tail) throws IOException {
    int count = scan.bytes.length - tail.offset();
    if (count > 0) {
      dump.note(
          Integer.toString(tail.offset()),
          count
              + (scan.zeroFrom(tail.offset())
                  ? " zero bytes, never written"
                  : " bytes of no frame: torn, or left by an earlier use of the file"));
    }
    if (!tail.ended()) {
      dump.note(Integer.toString(tail.offset()), "not ended: in use, or left by a crash");
    }
    if (shown < operationCount) {
      dump.title(operationCount + " operations, " + shown + " of them shown");
    }
  }

  private static String following(long number) {
    return number == 0 ? "the log is closed" : "segment " + number + " follows";
  }
}
