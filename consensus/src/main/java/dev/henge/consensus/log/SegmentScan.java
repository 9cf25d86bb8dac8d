package dev.henge.consensus.log;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.base.LittleEndian;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Reads the frames of one segment, through a window that is as large as the largest frame.
///
/// - Threads: one.
final class SegmentScan implements AutoCloseable {
  private static final int WINDOW_BYTES = 256 << 10;

  final Path path;
  final long number;
  final long size;
  private final DiskFile file;

  private byte[] window = new byte[WINDOW_BYTES];
  private long windowStart;
  private int windowBytes;

  // of the frame that frameAt found
  int kind;
  int count;
  int payloadBytes;
  long synced;

  SegmentScan(Disk disk, Path path, long number) throws IOException {
    this.path = path;
    this.number = number;
    this.file = disk.open(path, Disk.OpenMode.READ);
    this.size = file.size();
  }

  /// Whether a whole frame of this segment stands at `offset`; if so, the fields say what it is.
  boolean frameAt(long offset) throws IOException {
    if (offset + LogLayout.FRAME_HEADER_BYTES > size) {
      return false;
    }
    int at = position(offset, LogLayout.FRAME_HEADER_BYTES);
    if (LittleEndian.getInt(window, at + LogLayout.FRAME_SEGMENT) != (int) number) {
      return false;
    }
    int length = LittleEndian.getInt(window, at + LogLayout.FRAME_LENGTH);
    int foundKind = LittleEndian.getInt(window, at + LogLayout.FRAME_KIND);
    if (length < 0
        || length > size - offset - LogLayout.FRAME_HEADER_BYTES
        || foundKind < LogLayout.ENTRIES
        || foundKind > LogLayout.END) {
      return false;
    }
    at = position(offset, LogLayout.FRAME_HEADER_BYTES + length);
    if (LittleEndian.getInt(window, at) != LogLayout.frameCrc(window, at, length, number, offset)) {
      return false;
    }
    kind = foundKind;
    payloadBytes = length;
    count = LittleEndian.getInt(window, at + LogLayout.FRAME_COUNT);
    synced = LittleEndian.getInt(window, at + LogLayout.FRAME_SYNCED) & 0xffffffffL;
    return true;
  }

  /// The first whole frame at or behind `from`; -1 for none.
  long nextFrame(long from) throws IOException {
    for (long offset = from; offset + LogLayout.FRAME_HEADER_BYTES <= size; offset += 8) {
      if (frameAt(offset)) {
        return offset;
      }
    }
    return -1;
  }

  /// Whether a whole frame behind `gap` says that byte `gap` had been synced.
  boolean attested(long gap) throws IOException {
    long offset = nextFrame(gap + 8);
    while (offset >= 0) {
      if (synced > gap) {
        return true;
      }
      offset = nextFrame(offset + LogLayout.frameBytes(payloadBytes));
    }
    return false;
  }

  boolean isZeroFrom(long offset) throws IOException {
    for (long at = offset; at < size; at++) {
      if (window[position(at, 1)] != 0) {
        return false;
      }
    }
    return true;
  }

  /// The bytes that [#position] speaks of; borrowed until the next call of any method.
  byte[] window() {
    return window;
  }

  /// Where `count` bytes from `offset` on begin in the window.
  int position(long offset, int count) throws IOException {
    if (offset < windowStart || offset + count > windowStart + windowBytes) {
      if (count > window.length) {
        window = new byte[count];
      }
      windowBytes = file.read(offset, ByteBuffer.wrap(window));
      windowStart = offset;
      if (windowBytes < count) {
        throw new IOException(path + " ends at " + (offset + windowBytes) + " while it is read");
      }
    }
    return (int) (offset - windowStart);
  }

  /// What is wrong with the file header; null when it is sound.
  @Nullable String headerDamage() throws IOException {
    if (size < LogLayout.FILE_HEADER_BYTES) {
      return "a log file header expected, found " + size + " bytes";
    }
    byte[] header = header();
    if (LittleEndian.getLong(header, LogLayout.FILE_MAGIC) != LogLayout.MAGIC) {
      return "log magic expected, found "
          + Long.toHexString(LittleEndian.getLong(header, LogLayout.FILE_MAGIC));
    }
    int stored = LittleEndian.getInt(header, LogLayout.FILE_CRC);
    if (stored != LogLayout.fileCrc(header)) {
      return String.format("CRC32C %08x expected, found %08x", stored, LogLayout.fileCrc(header));
    }
    long stated = LittleEndian.getLong(header, LogLayout.FILE_NUMBER);
    if (stated != number) {
      return "segment number " + number + " in the header expected, found " + stated;
    }
    long bytes = LittleEndian.getLong(header, LogLayout.FILE_BYTES);
    return bytes == size ? null : "file size " + bytes + " in the header expected, found " + size;
  }

  /// The version in a header that is whole; else this program's.
  int version() throws IOException {
    if (size < LogLayout.FILE_HEADER_BYTES) {
      return LogLayout.FORMAT_VERSION;
    }
    byte[] header = header();
    boolean whole =
        LittleEndian.getLong(header, LogLayout.FILE_MAGIC) == LogLayout.MAGIC
            && LittleEndian.getInt(header, LogLayout.FILE_CRC) == LogLayout.fileCrc(header);
    return whole ? LittleEndian.getInt(header, LogLayout.FILE_VERSION) : LogLayout.FORMAT_VERSION;
  }

  byte[] header() throws IOException {
    var header = new byte[LogLayout.FILE_HEADER_BYTES];
    int at = position(0, header.length);
    System.arraycopy(window, at, header, 0, header.length);
    return header;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
