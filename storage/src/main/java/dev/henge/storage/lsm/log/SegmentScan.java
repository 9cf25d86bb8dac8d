package dev.henge.storage.lsm.log;

import dev.henge.base.Disk;
import dev.henge.base.LittleEndian;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// One log segment in memory, walked from front to back, past damage: for tools. Recovery stops
/// where this goes on.
///
/// - Threads: one.
final class SegmentScan {
  final Path path;
  final byte[] bytes;

  /// From the file's name; of a file named otherwise, from its header.
  final long number;

  private SegmentScan(Path path, byte[] bytes, long number) {
    this.path = path;
    this.bytes = bytes;
    this.number = number;
  }

  /// Sees the parts of a segment in order.
  interface Visitor {
    /// A whole frame.
    ///
    /// @param end whether nothing follows it; `sequence` is then the number of the next segment, or
    ///   0
    void frame(int offset, int payloadBytes, boolean end, long synced, long sequence)
        throws IOException;

    /// No frame in `[from, to)`, but a whole one at `to`.
    ///
    /// @param attested whether a later frame says that byte `from` had been synced
    void gap(int from, int to, boolean attested) throws IOException;
  }

  /// Where the frames end.
  ///
  /// @param offset behind the last whole frame
  /// @param ended whether that one ends the segment
  /// @param following the segment that it names, or 0
  record Tail(int offset, boolean ended, long following) {}

  static SegmentScan read(Disk disk, Path path) throws IOException {
    byte[] bytes = LogRecovery.readWhole(disk, path);
    long number = LogLayout.fileNumber(path.getFileName().toString());
    if (number < 0 && bytes.length >= LogLayout.FILE_HEADER_BYTES) {
      number = LittleEndian.getLong(bytes, LogLayout.FILE_NUMBER);
    }
    return new SegmentScan(path, bytes, number);
  }

  /// What is wrong with the file header; null when it is sound.
  @Nullable String headerDamage() {
    if (bytes.length < LogLayout.FILE_HEADER_BYTES) {
      return "a log file header expected, found " + bytes.length + " bytes";
    }
    if (LittleEndian.getLong(bytes, LogLayout.FILE_MAGIC) != LogLayout.MAGIC) {
      return "log magic expected, found "
          + Long.toHexString(LittleEndian.getLong(bytes, LogLayout.FILE_MAGIC));
    }
    int stored = LittleEndian.getInt(bytes, LogLayout.FILE_CRC);
    if (stored != headerCrc()) {
      return String.format("CRC32C %08x expected, found %08x", stored, headerCrc());
    }
    int version = LittleEndian.getInt(bytes, LogLayout.FILE_VERSION);
    if (version != LogLayout.FORMAT_VERSION) {
      return "format version " + LogLayout.FORMAT_VERSION + " expected, found the newer " + version;
    }
    long stated = LittleEndian.getLong(bytes, LogLayout.FILE_NUMBER);
    if (stated != number) {
      return "segment number " + stated + " in the header expected, found " + number;
    }
    long size = LittleEndian.getLong(bytes, LogLayout.FILE_BYTES);
    return size == bytes.length
        ? null
        : "file size " + size + " in the header expected, found " + bytes.length;
  }

  int headerCrc() {
    return LogLayout.fileCrc(bytes);
  }

  /// Whether a whole frame stands where the first one belongs.
  boolean beginsWithFrame() {
    return LogRecovery.frameAt(bytes, LogLayout.FILE_HEADER_BYTES, number) != LogRecovery.BROKEN;
  }

  Tail walk(Visitor visitor) throws IOException {
    int position = LogLayout.FILE_HEADER_BYTES;
    while (position + LogLayout.FRAME_HEADER_BYTES <= bytes.length) {
      int payload = LogRecovery.frameAt(bytes, position, number);
      if (payload == LogRecovery.BROKEN) {
        int next = nextFrame(position);
        if (next < 0) {
          break;
        }
        visitor.gap(position, next, attested(position, next));
        position = next;
        continue;
      }
      boolean end = LogRecovery.isEnd(bytes, position);
      long sequence = LittleEndian.getLong(bytes, position + LogLayout.FRAME_SEQUENCE);
      visitor.frame(position, payload, end, LogRecovery.syncedOf(bytes, position), sequence);
      position += LogLayout.frameBytes(payload);
      if (end) {
        return new Tail(position, true, sequence);
      }
    }
    return new Tail(position, false, 0);
  }

  /// Whether only zeros follow `from`.
  boolean zeroFrom(int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private int nextFrame(int after) {
    for (int position = after + 8;
        position + LogLayout.FRAME_HEADER_BYTES <= bytes.length;
        position += 8) {
      if (LogRecovery.frameAt(bytes, position, number) != LogRecovery.BROKEN) {
        return position;
      }
    }
    return -1;
  }

  private boolean attested(int gap, int from) {
    for (int position = from;
        position + LogLayout.FRAME_HEADER_BYTES <= bytes.length;
        position += 8) {
      int payload = LogRecovery.frameAt(bytes, position, number);
      if (payload == LogRecovery.BROKEN) {
        continue;
      }
      if (LogRecovery.syncedOf(bytes, position) > gap) {
        return true;
      }
    }
    return false;
  }
}
